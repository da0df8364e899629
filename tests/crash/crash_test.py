"""Kills the server at random moments under concurrent writes and checks, after every restart, that each acknowledged
write is there, that no point is torn, and that indexes, counts and scroll agree.

One collection has one shard, where a request is applied whole or not at all; the other has three.
"""
import argparse
import http.client
import random
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from lineal_server import Client, ServerProcess  # noqa: E402
from verify import findings  # noqa: E402
from workload import DIMENSION, WriterModel  # noqa: E402

COLLECTIONS = {"single": 1, "spread": 3}
# Small buffers and thresholds, so that flushes, builds and merges happen within seconds.
FLAGS = ["--write-buffer-bytes", "16MiB", "--block-cache-bytes", "16MiB", "--log-level", "warning"]


def create_collections(client):
    for name, shards in COLLECTIONS.items():
        client.must("PUT", f"/collections/{name}", {
            "vectors": {"size": DIMENSION, "distance": "Euclid"}, "shard_number": shards,
            "hnsw_config": {"m": 8, "ef_construct": 64, "full_scan_threshold": 10},
            "optimizers_config": {"indexing_threshold": 20, "deleted_threshold": 0.2}})
        for field in ("group", "writer"):
            client.must("PUT", f"/collections/{name}/index?wait=true", {"field_name": field, "field_schema": "integer"})


class Writer:
    """Sends one writer's stream until the server goes away; `problem` says what else happened."""

    def __init__(self, model, collection, port):
        self.model, self.collection, self.port = model, collection, port
        self.problem = None
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        client = Client(self.port)
        try:
            while True:
                method, path, body = self.model.begin().request(self.collection)
                status, answer = client.call(method, path, body)
                if status != 200:
                    self.problem = f"{method} {path}: {status} {answer}"
                    return
                self.model.confirm()
        except (OSError, http.client.HTTPException):
            return
        finally:
            client.close()


class CrashTest:
    def __init__(self, arguments, folder):
        self.arguments = arguments
        self.chance = random.Random(arguments.seed)
        self.server = ServerProcess(arguments.server, Path(folder) / "data", FLAGS)
        self.models = {name: [WriterModel(f"{arguments.seed}/{name}", w) for w in range(arguments.writers)]
                       for name in COLLECTIONS}
        self.slowest_start_s = 0

    def run(self):
        self.server.start()
        create_collections(Client(self.server.rest_port))
        for cycle in range(self.arguments.cycles):
            self.write_and_kill()
            self.disturb_start()
            self.slowest_start_s = max(self.slowest_start_s, self.server.start())
            found, sizes = self.check(cycle)
            if found:
                print("\n".join(found[:40]))
                return False
            self.progress(cycle, sizes)
        status = self.server.stop()
        if status != 0:
            print(f"the server ended with {status} on SIGTERM\n{self.server.log_tail()}")
        return status == 0

    def write_and_kill(self):
        writers = [Writer(model, name, self.server.rest_port) for name, models in self.models.items() for model in models]
        longest = 4.0 if self.chance.random() < 0.1 else self.arguments.seconds
        end = time.monotonic() + self.chance.uniform(0.02, longest)
        while time.monotonic() < end and self.server.alive():
            time.sleep(0.005)
        if not self.server.alive():
            raise AssertionError(f"the server ended by itself: {self.server.process.returncode}\n{self.server.log_tail()}")
        self.server.kill()
        for writer in writers:
            writer.thread.join()
        if problems := [writer.problem for writer in writers if writer.problem]:
            raise AssertionError("a write was refused: " + problems[0])

    def disturb_start(self):
        """Now and then the start itself is killed, too."""
        while self.chance.random() < 0.2:
            self.server.launch()
            time.sleep(self.chance.uniform(0, 0.4))
            self.server.kill()

    def check(self, cycle):
        client = Client(self.server.rest_port)
        found, sizes = [], []
        for name, shards in COLLECTIONS.items():
            more, size = findings(client, name, self.models[name], shards == 1, f"{self.arguments.seed}/{cycle}")
            found += more
            sizes.append(size)
        client.close()
        return found, sizes

    def totals(self):
        models = [model for models in self.models.values() for model in models]
        return sum(m.acknowledged for m in models), sum(m.points_acknowledged for m in models)

    def progress(self, cycle, sizes):
        if sys.stdout.isatty() or (cycle + 1) % 25 == 0 or cycle + 1 == self.arguments.cycles:
            requests, points = self.totals()
            print(f"cycle {cycle + 1}/{self.arguments.cycles}: {requests} requests ({points} points) acknowledged, "
                  f"{sum(sizes)} points held, slowest start {self.slowest_start_s:.2f} s", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True, help="the program lineal")
    parser.add_argument("--cycles", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--writers", type=int, default=4, help="writers of each collection")
    parser.add_argument("--seconds", type=float, default=1.2, help="longest time between start and kill, mostly")
    parser.add_argument("--keep", action="store_true", help="keep the data directory of a failure")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}, {arguments.cycles} cycles, {arguments.writers} writers per collection", flush=True)
    folder = tempfile.mkdtemp(prefix="lineal-crash-")
    test = CrashTest(arguments, folder)
    passed = False
    try:
        passed = test.run()
    finally:
        if test.server.alive():
            test.server.kill()
        if not passed and arguments.keep:
            print(f"the data is kept in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print("0 lost, 0 torn" if passed else f"FAILED with --seed {arguments.seed}")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
