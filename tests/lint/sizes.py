"""The ten longest files and functions: a report to read, not a gate."""
import re
import sys

from source_tree import Tree

START = re.compile(r"^[A-Za-z_~:][^;]*\(")
NOT_A_FUNCTION = re.compile(r"^(?:namespace|class|struct|enum|union|using|typedef|extern|static_assert|#)")


def functions(tree, name):
    """(lines, first line, name) of every function that begins at the margin and ends with a brace there."""
    start = None
    for number, line in enumerate(tree.lines(name), 1):
        if start is None and START.match(line) and not NOT_A_FUNCTION.match(line):
            start = number
        if start is not None and line.rstrip().endswith(";") and number == start:
            start = None
        elif start is not None and line.startswith("}"):
            yield number - start + 1, start, tree.lines(name)[start - 1].strip()
            start = None


def longest_functions(tree, count=10):
    found = [(size, name, start, text) for name in tree.sources() for size, start, text in functions(tree, name)]
    return sorted(found, reverse=True)[:count]


def longest_files(tree, count=10):
    return sorted(((len(tree.lines(name)) - 1, name) for name in tree.sources()), reverse=True)[:count]


def ratio(tree):
    test = sum(len(tree.lines(name)) for name in tree.sources() if name.endswith("_test.cc") or name.startswith("tests/"))
    total = sum(len(tree.lines(name)) for name in tree.sources())
    return test, total - test


def main():
    tree = Tree()
    print("longest files")
    for size, name in longest_files(tree):
        print(f"  {size:5}  {name}")
    print("longest functions")
    for size, name, start, text in longest_functions(tree):
        print(f"  {size:5}  {name}:{start}  {text[:80]}")
    test, production = ratio(tree)
    print(f"lines of test to lines of production: {test} / {production} = {test / max(production, 1):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
