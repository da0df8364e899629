"""Lets the k-th write or sync of a place fail under a real server that takes writes: no false acknowledgement, no wrong
answer, no end by a signal; after a restart without faults all that was acknowledged is there and `lineal verify` is
clean.

The places are the change log, the shards' rows and the segments. Segments are derived: their faults refuse no write. A
first run without a fault counts the calls, so that k is drawn among those that happen.

--control loses what it says it wrote: then the oracle must find something.
"""
import argparse
import collections
import copy
import http.client
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import preload
from streams import Stream, refusal_problem, run_streams, seal

from crash_test import COLLECTIONS, create_collections
from lineal_server import START_DEADLINE_S, Client, ServerProcess, wait_until
from verify import findings
from workload import DIMENSION, WriterModel

FLAGS = ["--write-buffer-bytes", "16MiB", "--block-cache-bytes", "16MiB", "--log-level", "warning"]
REFUSED = {503: "Service unavailable: "}
# Torn writes leave half of the bytes behind.
KINDS = [(place, call, mode) for place in ("log", "data", "segments")
         for call, mode in (("write", "once"), ("write", "forever"), ("write", "torn"), ("sync", "once"),
                            ("sync", "forever"))]
AT_MAX = 500
WRITERS, WAVES, REQUESTS_PER_WAVE = 2, 4, 15
# Comes when the others have ended: what is acknowledged after a fault counts as well.
LATE_WRITER, LATE_REQUESTS = WRITERS, 5
BACKGROUND_S = 2


class Fault:
    def __init__(self, place, call, mode, at):
        self.place, self.call, self.mode, self.at = place, call, mode, at

    def __str__(self):
        return f"{self.place} {self.call} {self.at} {self.mode}"

    def settings(self, data_dir, note):
        return {"IO_FAULT_ROOT": data_dir, "IO_FAULT_NOTE": note, "IO_FAULT_PLACE": self.place,
                "IO_FAULT_CALL": self.call, "IO_FAULT_AT": self.at, "IO_FAULT_MODE": self.mode}


class IoFaultTest:
    def __init__(self, arguments, folder):
        self.arguments, self.folder = arguments, Path(folder)
        self.chance = random.Random(arguments.seed)
        self.library = preload.build("io_fault", folder)
        self.server = ServerProcess(arguments.server, self.folder / "data", FLAGS)
        self.models = {name: [WriterModel(f"{arguments.seed}/{name}", w) for w in range(WRITERS + 1)]
                       for name in COLLECTIONS}
        self.note_path = self.folder / "fault"
        self.rounds = 0
        self.problems = []
        self.outcomes = collections.Counter()

    def run(self):
        self.server.start()
        create_collections(Client(self.server.rest_port))
        self.server.stop()
        counts = self.count_calls()
        kinds = []
        for number in range(self.arguments.faults):
            if not kinds:
                kinds = self.chance.sample(KINDS, len(KINDS))
            place, call, mode = kinds.pop()
            fault = Fault(place, call, mode, self.chance.randint(1, min(AT_MAX, counts[place, call])))
            self.guarded(fault)
            if self.problems:
                return [f"fault {number + 1}, {fault}: {problem}" for problem in self.problems]
            self.progress(number + 1)
        if self.arguments.faults >= 4 and self.outcomes["did not happen"] > self.arguments.faults // 2:
            self.problems.append(f"{self.outcomes['did not happen']} of {self.arguments.faults} faults did not happen")
        return self.problems

    def progress(self, done):
        if sys.stdout.isatty() or done % 25 == 0 or done == self.arguments.faults:
            happened = ", ".join(f"{count} {outcome}" for outcome, count in self.outcomes.items())
            print(f"{done}/{self.arguments.faults} faults: {happened}", flush=True)

    def count_calls(self):
        self.guarded(Fault("log", "write", "once", 0))
        counts = {}
        for line in self.note_path.with_suffix(".counts").read_text().splitlines():
            place, call, count = line.split()
            counts[place, call] = int(count)
        print("calls without a fault: " + ", ".join(f"{' '.join(key)} {n}" for key, n in counts.items()), flush=True)
        if self.problems or not all(counts.values()):
            raise SystemExit("\n".join(["without a fault:", *self.problems]))
        self.outcomes.clear()
        return counts

    def guarded(self, fault):
        try:
            self.round(fault)
        except (AssertionError, TimeoutError, OSError, http.client.HTTPException, subprocess.TimeoutExpired) as error:
            self.problems.append(repr(error))
        if self.problems:
            self.problems.append(f"the server says:\n{self.server.log_tail()}")

    def round(self, fault):
        self.rounds += 1
        guest = f"guest_{self.rounds}"
        self.start_under(fault)
        taken = False
        if wait_until(self.serves_or_ended, START_DEADLINE_S, "the server to start or to give up") == "serves":
            taken = self.use(fault, guest)
        self.end_process()
        self.judge_restarted(guest, taken)

    def start_under(self, fault):
        self.note_path.unlink(missing_ok=True)
        self.note_path.with_suffix(".counts").unlink(missing_ok=True)
        settings = fault.settings(self.server.data_dir, self.note_path)
        self.server.environment = {**os.environ, **preload.environment(self.library, settings)}
        self.server.launch()

    def serves_or_ended(self):
        if not self.server.alive():
            return "ended"
        try:
            client = Client(self.server.rest_port, timeout_s=5)
            return all(client.call("GET", f"/collections/{name}")[0] == 200 for name in COLLECTIONS) and "serves"
        except (OSError, http.client.HTTPException):
            return None

    def use(self, fault, guest):
        """Writes and reads under the fault; whether the guest collection was acknowledged."""
        port = self.server.rest_port
        client = Client(port)
        schema = {"vectors": {"size": DIMENSION, "distance": "Dot"}}
        status, answer = client.call("PUT", f"/collections/{guest}", schema)
        changes = [(status, answer)]
        refused = []
        for wave in range(WAVES):
            refused += self.write(port, range(WRITERS), REQUESTS_PER_WAVE)
            changes += [seal(client, name, self.rounds * WAVES + wave) for name in COLLECTIONS]
        refused += self.write(port, [LATE_WRITER], LATE_REQUESTS)
        if fault.place == "segments" and fault.at > 0:
            self.await_background()
        if not self.server.alive():
            return status == 200
        if refused and (fault.place == "segments" or fault.at == 0):
            self.problems.append(f"a write was refused for the sake of a derived file: {refused[0]}")
        for refusal in refused + [change for change in changes if change[0] != 200]:
            if problem := refusal_problem(*refusal, REFUSED):
                self.problems.append(problem)
        for name, shards in COLLECTIONS.items():
            # Of copies: what a refused request did is known only after the restart.
            found, _ = findings(client, name, copy.deepcopy(self.models[name]), shards == 1, self.chance.random())
            self.problems += [f"under the fault: {problem}" for problem in found]
        self.outcomes["refused writes" if refused else "went on" if self.fired() else "did not happen"] += 1
        return status == 200

    def write(self, port, writers, requests):
        """A wave of requests of those writers that were not refused before; the refusals."""
        streams = [Stream(models[w], name, port, requests)
                   for name, models in self.models.items() for w in writers if models[w].pending is None]
        return [stream.refusal for stream in run_streams(streams)]

    def fired(self):
        return self.note_path.exists()

    def await_background(self):
        try:
            wait_until(lambda: self.fired() or not self.server.alive(), BACKGROUND_S, "the fault")
        except TimeoutError:
            pass  # There was less to write than in the run that counted.

    def end_process(self):
        """Stops or kills the server, if it has not stopped by itself; a signal of its own is a crash."""
        by_itself = not self.server.alive()
        if by_itself:
            self.outcomes["stopped"] += 1
        elif self.chance.random() < 0.3 and self.rounds > 1:
            self.server.kill()
            return
        status = self.server.process.returncode if by_itself else self.server.stop()
        if status not in ((1, 3) if by_itself else (0, 1)):
            name = signal.Signals(-status).name if status < 0 else status
            self.problems.append(f"the server ended with {name}, {'by itself' if by_itself else 'on SIGTERM'}")

    def judge_restarted(self, guest, taken):
        self.server.environment = dict(os.environ)
        self.server.start()
        client = Client(self.server.rest_port)
        for name, shards in COLLECTIONS.items():
            found, _ = findings(client, name, self.models[name], shards == 1, self.chance.random())
            self.problems += [f"after the restart: {problem}" for problem in found]
        self.judge_guest(client, guest, taken)
        if (status := self.server.stop()) != 0:
            self.problems.append(f"the server ended with {status} on SIGTERM, after the restart")
        verify = subprocess.run([self.arguments.server, "verify", "--data-dir", str(self.server.data_dir)],
                                capture_output=True, text=True, check=False)
        if verify.returncode != 0:
            self.problems.append(f"verify ended with {verify.returncode}: {verify.stdout}{verify.stderr}")

    def judge_guest(self, client, guest, taken):
        """An acknowledged collection is there; one that was refused is there whole or not at all."""
        status, answer = client.call("GET", f"/collections/{guest}")
        if status != 200:
            if taken or status != 404:
                known = "acknowledged" if taken else "refused"
                self.problems.append(f"collection {guest} was {known}: {status} {answer}")
            return
        if answer["result"]["status"] != "green":
            self.problems.append(f"collection {guest} is {answer['result']['status']}")
        point = {"id": 1, "vector": [1.0] * DIMENSION}
        client.must("PUT", f"/collections/{guest}/points?wait=true", {"points": [point]})
        client.must("DELETE", f"/collections/{guest}")

    def control(self):
        """From the 60th write on the log keeps nothing: after a kill the oracle must miss acknowledged writes."""
        self.server.start()
        create_collections(Client(self.server.rest_port))
        self.server.stop()
        self.start_under(Fault("log", "write", "swallow", 60))
        wait_until(self.serves_or_ended, START_DEADLINE_S, "the server")
        self.write(self.server.rest_port, range(WRITERS), 60)
        self.server.kill()
        self.server.environment = dict(os.environ)
        self.server.start()
        client = Client(self.server.rest_port)
        found = []
        for name, shards in COLLECTIONS.items():
            found += findings(client, name, self.models[name], shards == 1, 0)[0]
        self.server.stop()
        print("\n".join(found[:5]))
        lost = [problem for problem in found if "acknowledged" in problem]
        return [] if self.fired() and lost else [f"a log that kept nothing was not noticed; fired: {self.fired()}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True, help="the program lineal")
    parser.add_argument("--faults", type=int, default=15, help="how many; 500 is full size")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--control", action="store_true", help="the negative control instead")
    parser.add_argument("--keep", action="store_true", help="keep the data directory of a failure")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}, {arguments.faults} faults", flush=True)
    folder = tempfile.mkdtemp(prefix="lineal-io-fault-")
    test = IoFaultTest(arguments, folder)
    problems = ["it did not end"]
    try:
        problems = test.control() if arguments.control else test.run()
    finally:
        if test.server.alive():
            test.server.kill()
        if problems and arguments.keep:
            print(f"the data is kept in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print("\n".join(problems[:40]))
    passed = "what was lost was missed" if arguments.control else "0 lost, 0 torn, no wrong answers"
    print(f"FAILED with --seed {arguments.seed}" if problems else passed)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
