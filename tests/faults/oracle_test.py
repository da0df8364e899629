"""The oracles of this folder can fail, and its preloaded libraries fail what they should."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import preload
from streams import refusal_problem
from stuffing import BATCH, Stuffing, held_problem, ids_of, judge, payload_of, vector_of

# Writes 1 KiB at a time to the file it is given and prints what came of it.
WRITER = """
import os, sys
file = os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY)
for _ in range(int(sys.argv[2])):
    try:
        print(os.write(file, bytes(1024)), end=" ")
    except OSError as error:
        print(error.strerror, end=" ")
    try:
        os.fsync(file)
    except OSError as error:
        print("sync:", error.strerror, end=" ")
info = os.statvfs(os.path.dirname(sys.argv[1]))
print(info.f_bavail * info.f_frsize)
"""


class StuffingOracle(unittest.TestCase):
    def setUp(self):
        self.stuffing = Stuffing("s")
        self.stuffing.next_batch = 3
        self.stuffing.acknowledged, self.stuffing.deleted, self.stuffing.refused = {0}, {1}, {2: (507, {})}

    def judged(self, *batches, without=(), extra=()):
        return list(judge(self.stuffing, {i for b in batches for i in ids_of(b)} - set(without) | set(extra)))

    def test_accepts_refused_batches_whole_or_not_at_all(self):
        self.assertEqual(self.judged(0), [])
        self.assertEqual(self.judged(0, 2), [])

    def test_finds_lost_returned_torn_and_unknown_points(self):
        self.assertEqual(len(self.judged()), 1)
        self.assertEqual(len(self.judged(0, without=[5])), 1)
        self.assertEqual(len(self.judged(0, 1)), 1)
        self.assertEqual(len(self.judged(0, 2, without=[2 * BATCH + 1])), 1)
        self.assertEqual(len(self.judged(0, extra=[1000])), 1)

    def test_finds_points_of_two_halves(self):
        self.assertIsNone(held_problem({"id": 7, "vector": vector_of(7), "payload": payload_of(7)}))
        self.assertIsNotNone(held_problem({"id": 7, "vector": vector_of(8), "payload": payload_of(7)}))
        self.assertIsNotNone(held_problem({"id": 7, "vector": vector_of(7), "payload": payload_of(8)}))

    def test_knows_a_refusal_by_status_envelope_and_text(self):
        allowed = {507: "Insufficient storage: "}
        answer = {"status": {"error": "Insufficient storage: 7 bytes"}, "time": 0.1}
        self.assertIsNone(refusal_problem(507, answer, allowed))
        self.assertIsNotNone(refusal_problem(500, answer, allowed))
        self.assertIsNotNone(refusal_problem(507, "no room", allowed))
        self.assertIsNotNone(refusal_problem(507, {"status": {"error": "no"}, "time": 0.1}, allowed))


class Libraries(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name).resolve()

    def write(self, environment, path, times):
        path.parent.mkdir(parents=True, exist_ok=True)
        run = subprocess.run([sys.executable, "-c", WRITER, str(path), str(times)], env=environment, check=True,
                             capture_output=True, text=True)
        *written, free = run.stdout.split(" ")
        return " ".join(written), int(free)

    def fault(self, path, **settings):
        named = {f"IO_FAULT_{name.upper()}": value for name, value in settings.items()}
        environment = preload.environment(preload.build("io_fault", self.folder), {
            "IO_FAULT_ROOT": self.folder, "IO_FAULT_NOTE": self.folder / "note", **named})
        return self.write(environment, self.folder / path, 3)[0]

    def test_the_chosen_call_of_the_chosen_place_fails(self):
        self.assertEqual(self.fault("log/1.log", place="log", call="write", at=2, mode="once"),
                         "1024 Input/output error 1024")
        self.assertEqual((self.folder / "note").read_text(), "write 2 of log: /log/1.log\n")
        self.assertIn("log write 3\n", (self.folder / "note.counts").read_text())
        self.assertEqual(self.fault("shards/1/db/1.sst", place="data", call="sync", at=2, mode="forever"),
                         "1024 1024 sync: Input/output error 1024 sync: Input/output error")
        self.assertEqual(self.fault("shards/1/segments/2/rows-0", place="data", call="write", at=1, mode="forever"),
                         "1024 1024 1024")

    def test_a_torn_write_leaves_half_and_a_swallowed_one_nothing(self):
        self.assertEqual(self.fault("log/2.log", place="log", call="write", at=2, mode="torn"),
                         "1024 Input/output error 1024")
        self.assertEqual((self.folder / "log/2.log").stat().st_size, 2 * 1024 + 512)
        self.assertEqual(self.fault("log/3.log", place="log", call="write", at=2, mode="swallow"), "1024 1024 1024")
        self.assertEqual((self.folder / "log/3.log").stat().st_size, 1024)

    def test_a_small_disk_is_full_and_has_room_again(self):
        disk = self.folder / "disk"
        disk.mkdir()
        environment = preload.environment(preload.build("small_disk", self.folder),
                                          {"SMALL_DISK_ROOT": disk, "SMALL_DISK_BYTES": 8192})
        self.assertEqual(self.write(environment, disk / "a/1", 4), ("1024 1024 1024 1024", 4096))
        self.assertEqual(self.write(environment, disk / "a/2", 5), ("1024 1024 1024 1024 No space left on device", 0))
        (disk / "a/1").unlink()
        self.assertEqual(self.write(environment, disk / "a/3", 1), ("1024", 0))
        self.assertEqual(self.write(environment, self.folder / "elsewhere/1", 1)[0], "1024")


if __name__ == "__main__":
    unittest.main()
