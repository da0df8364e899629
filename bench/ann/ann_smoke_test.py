"""A tiny run of lineal_bench_ann: what it prints, what it draws, and what it says of files that do not fit."""
import argparse
import json
import random
import struct
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from pathlib import Path

PROGRAM = None
KEYS = ["set", "system", "recall_target", "recall", "qps_1t", "qps_all", "build_s", "memory_mb", "params"]
ROWS, DIM, QUERIES, K = 600, 8, 30, 10


def matrix(path, rows, columns, kind, values):
    path.write_bytes(struct.pack("<II", rows, columns) + struct.pack(f"<{len(values)}{kind}", *values))


class AnnSmoke(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.at = Path(self.folder.name)
        chance = random.Random(1)
        self.rows = [[chance.gauss(0, 1) for _ in range(DIM)] for _ in range(ROWS)]
        self.asked = [[chance.gauss(0, 1) for _ in range(DIM)] for _ in range(QUERIES)]
        matrix(self.at / "b.fbin", ROWS, DIM, "f", sum(self.rows, []))
        matrix(self.at / "q.fbin", QUERIES, DIM, "f", sum(self.asked, []))
        matrix(self.at / "t.ibin", QUERIES, K, "i", sum((self.nearest(query) for query in self.asked), []))

    def tearDown(self):
        self.folder.cleanup()

    def nearest(self, query):
        def squared(i):
            return sum((a - b) ** 2 for a, b in zip(self.rows[i], query))
        return sorted(range(ROWS), key=squared)[:K]

    def run_on(self, *arguments, base="b.fbin", queries="q.fbin", truth="t.ibin"):
        command = [PROGRAM, "--base", self.at / base, "--queries", self.at / queries, "--truth", self.at / truth]
        return subprocess.run([str(part) for part in [*command, "--repeats", 1, *arguments]], capture_output=True, text=True, check=False)

    def test_json_has_a_line_for_each_system_and_target(self):
        svg = self.at / "plot.svg"
        done = self.run_on("--systems", "lineal,lineal-f32", "--json", "--svg", svg)
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([(line["system"], line["recall_target"]) for line in lines],
                         [(system, target) for system in ("lineal", "lineal-f32") for target in (0.90, 0.95, 0.99)])
        for line in lines:
            self.assertEqual(list(line), KEYS)
            # The truth is this test's own: a graph over 600 rows finds nearly all of it.
            self.assertGreaterEqual(line["recall"], line["recall_target"], line)
            self.assertLessEqual(line["recall"], 1)
            for key in ("qps_1t", "qps_all", "build_s"):
                self.assertGreater(line[key], 0, line)
            self.assertEqual(list(line["params"]), ["ef_search"])
        shapes = [element.tag.rpartition("}")[2] for element in ElementTree.parse(svg).iter()]
        self.assertEqual(shapes.count("polyline"), 2)

    def test_a_target_that_is_not_reached_is_null(self):
        # Half of each answer is wrong, so that no search can reach 0.90.
        wrong = sum((near[:K // 2] + [i for i in range(ROWS) if i not in near][:K - K // 2] for near in map(self.nearest, self.asked)), [])
        matrix(self.at / "wrong.ibin", QUERIES, K, "i", wrong)
        done = self.run_on("--only", "lineal", "--json", truth="wrong.ibin")
        self.assertEqual(done.returncode, 0, done.stderr)
        for line in map(json.loads, done.stdout.splitlines()):
            self.assertEqual([line[key] for key in ("recall", "qps_1t", "qps_all", "params")], [None] * 4)
            self.assertGreater(line["build_s"], 0)

    def test_the_table_has_a_row_for_each_system(self):
        done = self.run_on("--systems", "lineal")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"b.fbin: {ROWS} × {DIM}, {QUERIES} queries", done.stdout)
        self.assertEqual(len([line for line in done.stdout.splitlines() if line.startswith("| lineal |")]), 1)

    def refused(self, *wanted, **files):
        done = self.run_on("--systems", "lineal", **files)
        self.assertEqual(done.returncode, 1, done.stdout)
        for text in wanted:
            self.assertIn(text, done.stderr)

    def test_files_that_do_not_fit_are_refused(self):
        whole = (self.at / "b.fbin").read_bytes()
        (self.at / "cut.fbin").write_bytes(whole[:-5])
        self.refused("cut.fbin", f"{len(whole) - 5} bytes", f"expected are {len(whole)}", base="cut.fbin")
        matrix(self.at / "narrow.fbin", QUERIES, 2, "f", [1.0] * (QUERIES * 2))
        self.refused("queries have 2 components, rows 8", queries="narrow.fbin")
        matrix(self.at / "few.ibin", QUERIES, K - 1, "i", [0] * (QUERIES * (K - 1)))
        self.refused("few.ibin", "has 9 answers for each query, wanted are 10", truth="few.ibin")
        matrix(self.at / "high.ibin", QUERIES, K, "i", [ROWS] * (QUERIES * K))
        self.refused("high.ibin", "the id 600 for query 0, allowed are 0 to 599", truth="high.ibin")

    def test_unknown_names_are_refused(self):
        done = self.run_on("--systems", "nobody")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("there is no system 'nobody'", done.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    options, rest = parser.parse_known_args()
    PROGRAM = options.program
    unittest.main(argv=[sys.argv[0], *rest])
