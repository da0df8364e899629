"""The files of the tree as the lint checks see them, and the findings they print."""
import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SKIPPED_FOLDERS = {"build", "node_modules", ".git", "data"}


class Tree:
    """A folder of sources: `files` are paths relative to `root`, tracked ones only where git knows the folder."""

    def __init__(self, root=ROOT):
        self.root = Path(root)
        self.files = sorted(self._tracked() or self._walked())

    def _tracked(self):
        if not (self.root / ".git").exists():
            return None
        command = ["git", "-c", f"safe.directory={self.root}", "-C", str(self.root), "ls-files", "-z"]
        listing = subprocess.run(command, capture_output=True, check=False)
        if listing.returncode != 0:
            return None
        names = [name for name in listing.stdout.decode().split("\0") if name]
        return [name for name in names if (self.root / name).is_file()]

    def _walked(self):
        found = []
        for folder, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
            found += [os.path.relpath(os.path.join(folder, name), self.root) for name in names]
        return found

    def with_suffix(self, *suffixes):
        return [name for name in self.files if name.endswith(suffixes)]

    def sources(self):
        return self.with_suffix(".cc", ".h", ".cu", ".cuh")

    def text(self, name):
        return (self.root / name).read_text(encoding="utf-8", errors="replace")

    def lines(self, name):
        return self.text(name).split("\n")

    def includes(self, name):
        """(line number, path, quoted) of every #include."""
        for number, line in enumerate(self.lines(name), 1):
            if match := INCLUDE.match(line):
                yield number, match.group(2), match.group(1) == '"'


def report(findings, what):
    """Prints the findings; returns the exit status."""
    for finding in findings:
        print(finding)
    print(f"{what}: {len(findings)} finding{'' if len(findings) == 1 else 's'}")
    return 1 if findings else 0
