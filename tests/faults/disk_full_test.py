"""Fills the disk under a real server and frees it again: writes are refused with 507 and come back by themselves, reads
go on, deletes are accepted from the reserve, nothing acknowledged is lost. At the end the server is killed on the full
disk and has to come up there and serve reads.

Only the REST door is asked: that gRPC says RESOURCE_EXHAUSTED is held by the unit tests of server/grpc.
"""
import argparse
import http.client
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import small_disk
from reader import Reader
from streams import Stream, refusal_problem, run_streams, seal
from stuffing import Stuffing, findings as stuffing_findings

from crash_test import COLLECTIONS, create_collections
from lineal_server import START_DEADLINE_S, Client, ServerProcess, wait_until
from verify import findings as model_findings
from workload import WriterModel

# The reserve is a twentieth of the disk: more than memory owes, so that one flush does not use it up. Part of the disk
# is taken from the start, so that it fills soon.
DISK_BYTES = 512 << 20
FURNITURE_BYTES = 128 << 20
RESERVE_BYTES = DISK_BYTES // 20
BALLAST_BYTES = 48 << 20
FLAGS = ["--write-buffer-bytes", "16MiB", "--block-cache-bytes", "16MiB", "--log-level", "warning"]
REFUSED = {507: "Insufficient storage: "}
WRITES_BACK_S = 10
# Dropping a collection gives its room back: then this much is free, and the change log takes some.
ROOM_BACK_S = 30
ROOM_BACK_BYTES = 160 << 20
CONNECTIONS = 4


class DiskFullTest:
    def __init__(self, arguments, folder, disk):
        self.arguments, self.disk = arguments, disk
        self.chance = random.Random(arguments.seed)
        self.server = ServerProcess(arguments.server, disk.path / "data", FLAGS, disk.environment)
        self.server.log_path = Path(folder) / "server.log"
        self.models = {name: [WriterModel(f"{arguments.seed}/{name}", w) for w in range(2)] for name in COLLECTIONS}
        self.problems = []
        self.slowest_back_s = self.slowest_start_s = 0
        self.reads = self.batches = self.deletes = 0

    def run(self):
        self.disk.place("furniture", FURNITURE_BYTES)
        self.server.start()
        create_collections(self.client())
        for cycle in range(self.arguments.cycles):
            stuffing = Stuffing(f"stuffing_{cycle}")
            for step in self.steps(cycle + 1 == self.arguments.cycles):
                try:
                    step(stuffing)
                except (AssertionError, OSError, http.client.HTTPException) as error:
                    self.note("unexpected", repr(error))
                if not self.server.alive():
                    self.note("ended", f"with {self.server.process.returncode}")
                if self.problems:
                    return [f"cycle {cycle + 1}, {step.__name__}: {problem}" for problem in self.problems]
            self.progress(cycle)
        return self.end()

    def steps(self, last):
        restart = [self.restart_on_full_disk] if last else []
        return [self.fill, self.use_full_disk, *restart, self.take_last_block, *restart, self.use_full_disk,
                self.make_room, self.go_on, self.empty]

    def client(self):
        return Client(self.server.rest_port)

    def note(self, what, problem):
        if problem:
            self.problems.append(f"{what}: {problem}")

    def fill(self, stuffing):
        """Everybody writes until refused, beside a ballast that can be taken away."""
        self.disk.place("ballast", BALLAST_BYTES)
        client = self.client()
        stuffing.create(client)
        for name in COLLECTIONS:
            status, answer = seal(client, name, self.chance.randrange(100))
            self.note("a change of a schema", status != 200 and f"{status} {answer}")
        port = self.server.rest_port
        reader = Reader(port, stuffing, self.chance.random())
        streams = [Stream(model, name, port) for name, models in self.models.items() for model in models]
        stuffing.fill(port, CONNECTIONS)
        refused = run_streams(streams)
        self.problems += reader.stop() + stuffing.gone
        self.reads += reader.answers
        self.batches += len(stuffing.acknowledged)
        for status, answer in [stream.refusal for stream in refused] + list(stuffing.refused.values()):
            self.note("a write", refusal_problem(status, answer, REFUSED))
        if len(refused) < len(streams) or not stuffing.acknowledged:
            self.note("writers", f"{len(refused)} of {len(streams)} were refused, "
                                 f"{len(stuffing.acknowledged)} batches taken")

    def take_last_block(self, stuffing):
        """A neighbour on the same disk leaves nothing but the server's reserve: a file, or as much free where a flush
        has needed the file already."""
        reserve = self.server.data_dir / "reserve"
        held = reserve.exists()
        self.disk.take_rest("neighbour", 0 if held else RESERVE_BYTES)
        if held and not reserve.exists():
            self.disk.remove("neighbour")
            self.disk.take_rest("neighbour", RESERVE_BYTES)
        self.note("a write", refusal_problem(*stuffing.write(self.client()), REFUSED))

    def use_full_disk(self, stuffing):
        client = self.client()
        for name in self.models:
            self.must_delete(client, f"/collections/{name}/points", {"filter": {"must": [{"has_id": [0]}]}})
        # Each shard took that delete, so what was refused before has happened by now, or never will.
        self.check_reads(client, stuffing)
        for batch in self.chance.sample(sorted(stuffing.acknowledged), 3):
            self.note("a delete by ids", stuffing.delete(client, batch)[0] != 200 and stuffing.refused.get(batch))
        for name, models in self.models.items():
            for model in models:
                while not model.begin().kind.startswith("delete"):
                    pass
                _, path, body = model.pending.request(name)
                if self.must_delete(client, path.removesuffix("/delete?wait=true"), body):
                    model.confirm()
        self.check_reads(client, stuffing)

    def must_delete(self, client, base, body):
        status, answer = client.call("POST", f"{base}/delete?wait=true", body)
        self.note(f"a delete in {base}", status != 200 and f"{status} {answer}")
        self.deletes += status == 200
        return status == 200

    def check_reads(self, client, stuffing):
        for name, shards in COLLECTIONS.items():
            found, _ = model_findings(client, name, self.models[name], shards == 1, self.chance.random())
            self.problems += found
        self.problems += stuffing_findings(client, stuffing, self.chance)

    def restart_on_full_disk(self, stuffing):
        self.server.kill()
        self.server.launch()
        begun = time.monotonic()
        try:
            wait_until(self.serves, START_DEADLINE_S, "the server to serve reads on a full disk")
        except (AssertionError, TimeoutError) as error:
            self.note("start", error)
            return
        self.slowest_start_s = max(self.slowest_start_s, time.monotonic() - begun)
        self.check_reads(self.client(), stuffing)

    def serves(self):
        if not self.server.alive():
            raise AssertionError(f"the server ended with {self.server.process.returncode}, "
                                 f"{self.disk.free_bytes()} bytes are free")
        try:
            return all(self.client().call("GET", f"/collections/{name}")[0] == 200 for name in COLLECTIONS)
        except (OSError, http.client.HTTPException):
            return False

    def make_room(self, stuffing):
        self.disk.remove("ballast", "neighbour")
        begun = time.monotonic()
        client = self.client()

        def writes_are_back():
            status, answer = stuffing.write(client)
            self.note("a write", status != 200 and refusal_problem(status, answer, REFUSED))
            return status == 200 or self.problems

        def nothing_is_red():
            names = (*COLLECTIONS, stuffing.collection)
            return all(client.must("GET", f"/collections/{name}")["status"] != "red" for name in names)

        try:
            free = self.disk.free_bytes()
            wait_until(writes_are_back, WRITES_BACK_S, f"writes to be accepted with {free} bytes free")
            self.slowest_back_s = max(self.slowest_back_s, time.monotonic() - begun)
            wait_until(nothing_is_red, WRITES_BACK_S, "no collection to be red")
        except TimeoutError as error:
            self.note("room", error)

    def go_on(self, stuffing):
        port = self.server.rest_port
        streams = [Stream(model, name, port, 20) for name, models in self.models.items() for model in models]
        for stream in run_streams(streams):
            self.note("a write with room", f"{stream.refusal}")
        self.check_reads(self.client(), stuffing)

    def empty(self, stuffing):
        self.client().must("DELETE", f"/collections/{stuffing.collection}")
        try:
            wait_until(lambda: self.disk.free_bytes() >= ROOM_BACK_BYTES, ROOM_BACK_S,
                       "the room of a dropped collection")
        except TimeoutError as error:
            used = {name: self.disk.used_bytes(f"data/{name}") for name in ("log", "shards", "system")}
            self.note("drop", f"{error}: {self.disk.free_bytes()} bytes are free, the limit is {ROOM_BACK_BYTES}; "
                              f"used: {used}")

    def end(self):
        if (status := self.server.stop()) != 0:
            return [f"the server ended with {status} on SIGTERM"]
        verify = subprocess.run([self.arguments.server, "verify", "--data-dir", str(self.server.data_dir)],
                                env=self.server.environment, capture_output=True, text=True, check=False)
        found = f"verify ended with {verify.returncode}: {verify.stdout}{verify.stderr}"
        return [found] if verify.returncode != 0 else []

    def progress(self, cycle):
        if sys.stdout.isatty() or (cycle + 1) % 10 == 0 or cycle + 1 == self.arguments.cycles:
            print(f"cycle {cycle + 1}/{self.arguments.cycles}: {self.batches} batches taken, {self.reads} reads while "
                  f"filling, {self.deletes} deletes from the reserve, writes back after {self.slowest_back_s:.2f} s at "
                  f"most, started on the full disk in {self.slowest_start_s:.2f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True, help="the program lineal")
    parser.add_argument("--cycles", type=int, default=3, help="how often the disk is filled; 100 is full size")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--way", choices=("any", "tmpfs", "preload"), default="any", help="what makes the disk small")
    arguments = parser.parse_args()
    way = small_disk.enter(arguments.way)
    print(f"seed {arguments.seed}, {arguments.cycles} cycles, disk of {DISK_BYTES} bytes by {way}", flush=True)
    folder = tempfile.mkdtemp(prefix="lineal-disk-full-")
    disk = small_disk.SmallDisk(folder, DISK_BYTES, way)
    test = DiskFullTest(arguments, folder, disk)
    try:
        problems = test.run()
        if problems:
            print(test.server.log_tail())
    finally:
        if test.server.alive():
            test.server.kill()
        disk.close()
        shutil.rmtree(folder, ignore_errors=True)
    print("\n".join(problems[:40]))
    print(f"FAILED with --seed {arguments.seed}" if problems else "0 lost, 0 torn, no wrong answers")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
