"""Every tracked C++ source is as clang-format 14 leaves it. `./dev format` repairs it."""
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from source_tree import Tree, report

BATCH = 20


def check(root, names):
    run = subprocess.run(["clang-format", "--dry-run", "--Werror", "--ferror-limit=1", *names],
                         cwd=root, capture_output=True, text=True, check=False)
    lines = [line for line in run.stderr.split("\n") if ": error:" in line]
    if run.returncode != 0 and not lines:
        lines = [run.stderr.strip() or "clang-format failed"]
    return lines


def findings(tree):
    names = tree.sources()
    batches = [names[i:i + BATCH] for i in range(0, len(names), BATCH)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [line for lines in pool.map(lambda batch: check(tree.root, batch), batches) for line in lines]


if __name__ == "__main__":
    sys.exit(report(findings(Tree()), "format"))
