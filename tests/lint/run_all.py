"""Every check over the tree, for ./dev lint: prints all findings, fails if there is one."""
import sys

import bans
import documents
import formatting
import layers
from source_tree import Tree, report


def main():
    tree = Tree()
    failed = 0
    for check in (layers, bans, documents, formatting):
        failed += report(check.findings(tree), check.__name__)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
