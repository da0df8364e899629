"""Instructions per operation of the hot loops, counted by callgrind, against budgets.txt."""
import argparse
import glob
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BUDGETS = os.path.join(HERE, "budgets.txt")
TOLERANCE = 0.02


def counted(valgrind, program):
    """{name: instructions per operation}, by one run."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "counts")
        run = subprocess.run(
            [valgrind, "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={out}", program],
            capture_output=True, text=True, env={**os.environ, "LINEAL_KERNELS": "avx2"})
        if run.returncode != 0:
            sys.exit(f"{program} failed under valgrind:\n{run.stderr}")
        operations = {name: int(count) for name, count in (line.split() for line in run.stdout.splitlines())}
        instructions = {}
        for path in glob.glob(out + ".*"):
            with open(path, encoding="utf-8", errors="replace") as file:
                text = file.read()
            name = re.search(r"^desc: Trigger: Client Request: (\S+)$", text, re.M)
            total = re.search(r"^(?:summary|totals): (\d+)", text, re.M)
            if name and total:
                instructions[name.group(1)] = int(total.group(1))
    if operations.keys() != instructions.keys():
        sys.exit(f"callgrind counted {sorted(instructions)}, the program ran {sorted(operations)}")
    return {name: instructions[name] / operations[name] for name in operations}


def read_budgets():
    with open(BUDGETS, encoding="utf-8") as file:
        lines = [line.split() for line in file if line.strip() and not line.startswith("#")]
    return {name: float(budget) for name, budget in lines}


def findings(counts, budgets):
    for name in sorted(counts.keys() | budgets.keys()):
        if name not in budgets:
            yield f"{name}: no budget, counted are {counts[name]:.4g} instructions"
        elif name not in counts:
            yield f"{name}: has a budget and is not run"
        elif counts[name] > budgets[name] * (1 + TOLERANCE):
            yield f"{name}: {counts[name]:.4g} instructions, the budget is {budgets[name]:.4g}"
        elif counts[name] < budgets[name] * (1 - TOLERANCE):
            yield f"{name}: {counts[name]:.4g} instructions, below the budget of {budgets[name]:.4g}: lower it (--write)"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--valgrind", default="valgrind")
    parser.add_argument("--write", action="store_true", help="store what is counted as the budgets")
    arguments = parser.parse_args()
    counts = counted(arguments.valgrind, arguments.program)
    for name, count in counts.items():
        print(f"{name} {count:.4g}")
    if arguments.write:
        with open(BUDGETS, "w", encoding="utf-8") as file:
            file.write("# Instructions per operation (a query, a row, a pair), gcc 12 release build, AVX2 kernels.\n")
            file.writelines(f"{name} {count:.4g}\n" for name, count in counts.items())
        return 0
    found = list(findings(counts, read_budgets()))
    for finding in found:
        print(finding, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
