"""Runs as the first process of the virtual machine: starts the server on the machine's own disk and writes to it, or
checks after a power cut what it holds. What was acknowledged is told over the console, which the host keeps.
"""
import fcntl
import http.client
import json
import os
import random
import socket
import struct
import subprocess
import sys
import threading
import traceback
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "support"), str(TESTS / "crash")]
from crash_test import COLLECTIONS, create_collections  # noqa: E402
from lineal_server import Client, ServerProcess  # noqa: E402
from verify import disagreements, held, read_all, torn_points, unknown_points  # noqa: E402
from workload import IDS_PER_WRITER, WriterModel, first_id  # noqa: E402

DISK, DATA, LOG = "/mnt", "/mnt/data", Path("/mnt/server.log")
FLAGS = ["--write-buffer-bytes", "16MiB", "--block-cache-bytes", "16MiB", "--log-level", "warning", "--disk-reserve-bytes", "8MiB"]
# A writer is that many acknowledgements ahead of the console at most; further writes cannot be in the database.
AHEAD_MAX = 64
console_lock = threading.Lock()


def tell(line):
    with console_lock:
        os.write(1, f"@{line}\n".encode())


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def machine_up():
    mount("-t", "proc", "proc", "/proc")
    mount("-t", "ext4", "/dev/ubda", DISK)
    with socket.socket() as control:  # The loopback interface, as `ip link set lo up` does it.
        request = struct.pack("16sh", b"lo", 0x1 | 0x40)
        fcntl.ioctl(control, 0x8914, request)


def server_of(settings):
    environment = {"LINEAL_KERNELS": settings["kernels"]} if settings["kernels"] else {}
    if settings["preload"]:
        if not Path(settings["preload"]).exists():
            raise FileNotFoundError(settings["preload"])
        environment["LD_PRELOAD"] = settings["preload"]
    server = ServerProcess(settings["server"], DATA, FLAGS, environment)
    server.log_path = LOG
    return server


def write(settings):
    server = server_of(settings)
    server.start()
    if settings["create"]:
        create_collections(Client(server.rest_port))
        tell("created")

    def run(name, writer):
        model = WriterModel(f"{settings['seed']}/{name}", writer)
        client = Client(server.rest_port)
        while True:
            method, path, body = model.begin().request(name)
            status, answer = client.call(method, path, body)
            if status != 200:
                tell(f"problem {method} {path}: {status} {answer}")
                return
            tell(f"ack {name} {writer} {model.next_number}")

    threads = [threading.Thread(target=run, args=(name, w)) for name in COLLECTIONS for w in range(settings["writers"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def state_after(model, count):
    while model.next_number < count:
        model.begin()
        model.confirm()


def lost(seed, name, writer, acknowledged, points):
    """Ids that are in no state that the writer's stream had at, or soon after, its last known acknowledgement."""
    model = WriterModel(f"{seed}/{name}", writer)
    state_after(model, acknowledged)
    own = range(first_id(writer), first_id(writer) + IDS_PER_WRITER)
    possible = {i: {model.state.get(i)} for i in own}
    for _ in range(AHEAD_MAX):
        model.begin()
        model.confirm()
        for i in own:
            possible[i].add(model.state.get(i))
    return [f"{name}, writer {writer}, point {i}: found {held(points.get(i))}" for i in own if held(points.get(i)) not in possible[i]]


def check(settings):
    server = server_of(settings)
    seconds = server.start()
    client = Client(server.rest_port)
    found, size = [], 0
    for name in COLLECTIONS:
        points = read_all(client, name)
        size += len(points)
        models = [WriterModel("", w) for w in range(settings["writers"])]
        found += [*torn_points(points), *unknown_points(models, points)]
        for writer in range(settings["writers"]):
            found += lost(settings["seed"], name, writer, settings["acknowledged"].get(f"{name} {writer}", 0), points)
        found += disagreements(client, name, points, random.Random(settings["seed"]))
    for finding in found[:20]:
        tell(f"finding {finding}")
    tell(f"checked {len(found)} {size} {seconds:.2f}")
    server.kill()


def main():
    settings = json.loads(Path(os.environ["POWER_CUT_SETTINGS"]).read_text())
    try:
        machine_up()
        {"write": write, "check": check}[settings["mode"]](settings)
    except BaseException as error:  # The machine has nobody else to tell.
        tail = LOG.read_text(errors="replace")[-1500:] if LOG.exists() else ""
        for line in (traceback.format_exc() + tail).split("\n"):
            tell(f"problem {line}")
        tell(f"checked -1 0 0 {type(error).__name__}")
    os.sync()
    fcntl.fcntl(1, fcntl.F_GETFL)
    subprocess.run(["halt", "-f"], check=False)
    while True:
        threading.Event().wait(60)


if __name__ == "__main__":
    main()
