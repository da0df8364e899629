"""Tiny runs of lineal_bench_load with servers of its own: what they print, and what is refused."""
import argparse
import json
import subprocess
import sys
import unittest
from pathlib import Path

PROGRAM = None
ZVEC = Path(__file__).resolve().parents[1] / "peers" / "zvec" / "node_modules"
ROWS, DIM = 2000, 8
SHARES = [0.01, 0.5]
# So few rows are scanned: only rounding can make a difference.
RECALL_MIN = 0.99


def run(*arguments):
    command = [PROGRAM, "--rows", ROWS, "--dim", DIM, "--questions", 10, *arguments]
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)


class LoadSmoke(unittest.TestCase):
    def refused(self, text, *arguments):
        done = run(*arguments)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertIn(text, done.stdout + done.stderr)

    def filtered(self, *arguments):
        done = run("--filter-shares", ",".join(map(str, SHARES)), "--filters", 3, "--connections", 2, "--seconds", 0.2,
                   "--ingest-rows-per-s", 0, *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.splitlines()

    def test_filters_find_the_nearest_that_pass(self):
        head, *lines = [json.loads(line) for line in self.filtered("--json")]
        self.assertEqual((head["kind"], head["rows"]), ("upload", ROWS))
        self.assertEqual([(line["filter_share"], line["filters"], line["protocol"]) for line in lines],
                         [(share, filters, protocol) for share, filters in [(1, 0)] + [(share, 3) for share in SHARES]
                          for protocol in ("REST", "gRPC")])
        for line in lines:
            self.assertEqual((line["errors"], line["connections"]), (0, 2), line)
            self.assertGreaterEqual(line["recall"], RECALL_MIN, line)
            self.assertGreater(line["qps"], 0, line)
            self.assertGreaterEqual(line["p99_ms"], line["p50_ms"], line)
            self.assertGreater(line["server_cpu_us"], line["engine_cpu_us"], line)

    def test_filters_have_rows_of_their_own_in_the_table(self):
        # Of 20 rows that pass, 25 are asked for: recall is of those that there are.
        lines = self.filtered("--limit", 25)
        self.assertIn("Filters: 3 of each share, ranges of an indexed payload field, in turn", lines)
        cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
        titles, _, *rows = cells
        at = {title: place for place, title in enumerate(titles)}
        self.assertEqual([row[at["rows that pass"]] for row in rows], ["all", "all", "1 %", "1 %", "50 %", "50 %"])
        for row in rows:
            self.assertEqual((row[at["connections"]], row[at["errors"]]), ("2", "0"), row)
            self.assertGreaterEqual(float(row[at["recall@25"]]), RECALL_MIN, row)

    def test_filters_that_cannot_be_are_refused(self):
        self.refused("--filter-shares and --restarts exclude each other", "--filter-shares", 0.1, "--restarts", 2)
        self.refused("not in range", "--filter-shares", 1.5)
        self.refused("not in range", "--filter-shares", 0.1, "--filters", 0)

    def test_restarts_follow_a_stop_and_a_kill(self):
        done = run("--restarts", 2, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        head, *lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual((head["kind"], head["rows"]), ("upload", ROWS))
        self.assertEqual([(line["restart"], line["after"]) for line in lines], [(1, "stop"), (2, "kill")])
        for line in lines:
            self.assertGreater(line["seconds"], 0)

    def test_restarts_that_cannot_be_are_refused(self):
        elsewhere = ("--rest", "127.0.0.1:1", "--grpc", "127.0.0.1:2")
        self.refused("leave out --rest 127.0.0.1:1 and --grpc 127.0.0.1:2", "--restarts", 2, *elsewhere)
        self.refused("exclude each other", "--restarts", 2, "--while-loading", "half")
        self.refused("--limit is 2001, there are 2000 rows", "--restarts", 2, "--limit", ROWS + 1)
        self.refused("1001 not in range 1 to 1000", "--restarts", 1001)

    @unittest.skipUnless(ZVEC.exists(), "zvec is not installed")
    def test_bulk_load_stands_beside_that_of_a_peer(self):
        done = run("--bulk-peers", "zvec", "--repeats", 2, "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([line.get("system") for line in lines], [None, "lineal", "zvec", "lineal", "zvec", "lineal", "zvec"])
        head, ours, peer = lines[0], *lines[-2:]
        self.assertEqual((head["rows"], head["repeats"], head["indexed_rows"]), (ROWS, 2, 0))
        self.assertAlmostEqual(ours["rows_per_s"], ROWS / ours["insert_s"])
        self.assertAlmostEqual(peer["insert_ratio"], ours["rows_per_s"] / peer["rows_per_s"])
        self.assertAlmostEqual(peer["total_ratio"], ours["total_s"] / peer["total_s"])

    def test_peers_that_cannot_be_are_refused(self):
        self.refused("nobody", "--bulk-peers", "nobody")
        self.refused("exclude each other", "--bulk-peers", "zvec", "--restarts", 2)
        self.refused("--bulk-peers wants a server started here: leave out --rest a:1 and --grpc b:2",
                     "--bulk-peers", "zvec", "--rest", "http://a:1/", "--grpc", "b:2")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    options, rest = parser.parse_known_args()
    PROGRAM = options.program
    unittest.main(argv=[sys.argv[0], *rest])
