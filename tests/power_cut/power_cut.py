"""Power cuts: the server and its writers run in User-Mode Linux on a disk image; the machine is killed at a random moment
with all it had not written to the disk, booted again, and every acknowledged write is looked for.

--no-sync is the negative control: syncs do nothing, and at least one cut in five must lose something.
"""
import argparse
import json
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
KERNEL = "linux.uml"
BOOT_DEADLINE_S = 120


class Machine:
    """One boot of the virtual machine; its console lines that begin with @."""

    def __init__(self, folder, settings):
        self.folder = Path(folder)
        (self.folder / "settings.json").write_text(json.dumps(settings))
        command = [KERNEL, "mem=1G", "root=/dev/root", "rootfstype=hostfs", "hostfs=/", "ro", f"ubd0={self.folder}/disk",
                   "con=null", "con0=null,fd:1", "quiet", "loglevel=1", "init=" + str(self.init()), "panic=1"]
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "TMPDIR": str(self.folder)}
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        env=environment, start_new_session=True)
        self.rest, self.told, self.noise = b"", [], []

    def init(self):
        script = self.folder / "init"
        script.write_text(f"#!/bin/sh\nexport PATH={os.environ['PATH']} POWER_CUT_SETTINGS={self.folder}/settings.json PYTHONDONTWRITEBYTECODE=1\n"
                          f"exec {sys.executable} {HERE}/guest.py\n")
        script.chmod(0o755)
        return script

    def lines(self, timeout_s):
        """Lines that arrive within the time, then the end."""
        end = time.monotonic() + timeout_s
        while True:
            while self.told:
                yield self.told.pop(0)
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                return
            piece = os.read(self.process.stdout.fileno(), 65536)
            if not piece:
                return
            *whole, self.rest = (self.rest + piece).split(b"\n")
            texts = [line.decode(errors="replace").strip("\r") for line in whole]
            self.told += [text[1:] for text in texts if text.startswith("@")]
            self.noise += [text for text in texts if not text.startswith("@")]

    def cut(self):
        """The machine and everything in it is gone at once; what it had told before is still read."""
        os.killpg(self.process.pid, signal.SIGKILL)
        told = list(self.lines(2))
        self.process.wait()
        self.process.stdout.close()
        return told


def make_disk(folder, megabytes):
    image = Path(folder) / "disk"
    with open(image, "wb") as file:
        file.truncate(megabytes << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(image)], check=True, env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"})


def build_no_sync(folder):
    library = Path(folder) / "no_sync.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", str(library), str(HERE / "no_sync.c")], check=True)
    return str(library)


def one_cut(arguments, chance, number, preload, folder):
    """(acknowledged requests, findings, points found, seconds to start) of a write, a cut and a look."""
    make_disk(folder, 512)
    settings = {"mode": "write", "create": True, "seed": f"{arguments.seed}/{number}", "server": str(Path(arguments.server).resolve()),
                "writers": arguments.writers, "preload": preload, "kernels": arguments.kernels, "acknowledged": {}}
    machine = Machine(folder, settings)
    acknowledged, end = {}, None
    begun = time.monotonic()

    def take(line):
        word, _, rest = line.partition(" ")
        if word == "problem":
            raise AssertionError("in the machine: " + rest + "\n" + "\n".join(l for l in machine.lines(2)))
        if word == "ack":
            name, writer, count = rest.split()
            acknowledged[f"{name} {writer}"] = int(count)

    try:
        while end is None or time.monotonic() < end:
            for line in machine.lines(0.05 if end else 1):
                take(line)
                if line == "created":
                    end = time.monotonic() + chance.uniform(0.3, arguments.seconds)
                if end and time.monotonic() > end:
                    break
            if end is None and (machine.process.poll() is not None or time.monotonic() - begun > BOOT_DEADLINE_S):
                raise AssertionError("the machine does not come up:\n" + "\n".join(machine.noise[-30:]))
    finally:
        told = machine.cut()
    for line in told:
        take(line)
    machine = Machine(folder, {**settings, "mode": "check", "create": False, "preload": "", "acknowledged": acknowledged})
    findings = []
    try:
        for line in machine.lines(BOOT_DEADLINE_S):
            if line.startswith(("finding ", "problem ")):
                findings.append(line)
            if line.startswith("checked "):
                count, size, seconds = line.split()[1:4]
                return sum(acknowledged.values()), int(count), int(size), float(seconds), findings
    finally:
        machine.cut()
    raise AssertionError("the machine does not come back:\n" + "\n".join(machine.noise[-30:]))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True, help="the program lineal")
    parser.add_argument("--cuts", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--writers", type=int, default=2, help="writers of each collection")
    parser.add_argument("--seconds", type=float, default=4, help="longest time between the first write and the cut")
    parser.add_argument("--kernels", default="", help="LINEAL_KERNELS in the machine")
    parser.add_argument("--no-sync", action="store_true", help="the negative control")
    arguments = parser.parse_args()
    if shutil.which(KERNEL) is None:
        sys.exit(f"{KERNEL} is missing: install the Debian package user-mode-linux")
    chance = random.Random(arguments.seed)
    losing = total = 0
    with tempfile.TemporaryDirectory(prefix="lineal-power-") as folder:
        preload = build_no_sync(folder) if arguments.no_sync else ""
        for number in range(arguments.cuts):
            acknowledged, count, size, seconds, findings = one_cut(arguments, chance, number, preload, folder)
            total += acknowledged
            losing += count != 0
            print(f"cut {number + 1}/{arguments.cuts}: {acknowledged} requests acknowledged, {size} points found, "
                  f"started in {seconds:.2f} s, {'NOT READABLE' if count < 0 else f'{count} wrong'}", flush=True)
            for finding in findings if not arguments.no_sync else findings[-12:]:
                print("  " + finding)
    if arguments.no_sync:
        print(f"without sync {losing} of {arguments.cuts} cuts lost something (at least one in five must)")
        return 0 if losing * 5 >= arguments.cuts else 1
    print(f"{arguments.cuts} cuts, {total} requests acknowledged, {losing} cuts lost something")
    return 1 if losing else 0


if __name__ == "__main__":
    sys.exit(main())
