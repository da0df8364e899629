"""A tiny run of lineal_bench_filter: what it prints, and that every filter finds what exact search finds."""
import argparse
import json
import subprocess
import sys
import unittest

PROGRAM = None
KEYS = ["set", "filter", "selectivity", "rows", "recall", "qps", "ratio"]
ROWS = 3000
SELECTIVITIES = [0.0001, 0.001, 0.01, 0.1, 0.5, 0.9]
# Graphs are searched approximately; on so few rows they find nearly all.
RECALL_MIN = 0.9


def run(*arguments):
    # Every vector gets a graph, or there would be nothing to filter but scans.
    return subprocess.run([PROGRAM, "--set", "clustered-128", "--graph-kb", "0", "--repeats", "1", "--queries-count", "64",
                           *arguments], capture_output=True, text=True, check=False)


class FilterSmoke(unittest.TestCase):
    def test_json_has_a_line_for_each_filter(self):
        done = run("--rows", str(ROWS), "--pivots", "2", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        filters = ("uncorrelated", "correlated", "anti-correlated")
        self.assertEqual([(line["filter"], line["selectivity"]) for line in lines],
                         [("none", 1)] + [(name, share) for name in filters for share in SELECTIVITIES])
        for line in lines:
            self.assertEqual(list(line), KEYS)
            self.assertEqual(line["rows"], max(1, round(line["selectivity"] * ROWS)))
            self.assertGreaterEqual(line["recall"], RECALL_MIN, line)
            self.assertLessEqual(line["recall"], 1)
            self.assertGreater(line["qps"], 0)
            self.assertAlmostEqual(line["ratio"], line["qps"] / lines[0]["qps"])

    def test_tenants_are_measured_where_they_are_asked_for(self):
        done = run("--rows", str(ROWS), "--pivots", "2", "--selectivity", "0.01,0.5", "--tenants", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        tenants = [line for line in lines if line["filter"] == "tenant"]
        self.assertEqual([line["rows"] for line in tenants], [ROWS // 100, ROWS // 2])
        for line in tenants:
            self.assertGreaterEqual(line["recall"], RECALL_MIN, line)

    def test_what_cannot_be_is_refused(self):
        done = run("--rows", "4", "--pivots", "8")
        self.assertEqual(done.returncode, 1)
        self.assertIn("there are 4 rows, more than 8 pivots are needed", done.stderr)
        done = run("--truth", "answers.ibin")
        self.assertEqual(done.returncode, 1)
        self.assertIn("--truth", done.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    options, rest = parser.parse_known_args()
    PROGRAM = options.program
    unittest.main(argv=[sys.argv[0], *rest])
