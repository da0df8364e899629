"""A disk that can be full: a small tmpfs where one may be mounted (as root, or in a user namespace of one's own), else
a folder under small_disk.so, which counts bytes and answers for the disk."""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import preload

MARK = "SMALL_DISK_NAMESPACE"
# A mount goes with its namespace, also when this process is killed.
NAMESPACES = (["unshare", "--mount"], ["unshare", "--user", "--map-root-user", "--mount"])
BLOCK = 4096


def can_mount(namespace):
    with tempfile.TemporaryDirectory() as folder:
        command = [*namespace, "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]
        try:
            return subprocess.run(command, capture_output=True, check=False, timeout=20).returncode == 0
        except (OSError, subprocess.TimeoutExpired):
            return False


def enter(way):
    """Which way there is: `tmpfs` (this process then runs in a namespace of its own) or `preload`."""
    if os.environ.get(MARK):
        return "tmpfs"
    for namespace in NAMESPACES if way in ("any", "tmpfs") else ():
        if can_mount(namespace):
            os.environ[MARK] = "1"
            os.execvp(namespace[0], [*namespace, sys.executable, *sys.argv])
    if way == "tmpfs":
        raise SystemExit("no tmpfs can be mounted here; --way any falls back to counting bytes")
    return "preload"


class SmallDisk:
    """`path` is the root of the disk, `environment` what a process needs to see it as small."""

    def __init__(self, folder, size_bytes, way):
        self.path, self.size_bytes, self.way = Path(folder) / "disk", size_bytes, way
        self.path.mkdir()
        self.environment = {}
        if way == "tmpfs":
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_bytes}", "tmpfs", str(self.path)], check=True)
        else:
            self.environment = preload.environment(
                preload.build("small_disk", folder), {"SMALL_DISK_ROOT": self.path, "SMALL_DISK_BYTES": size_bytes})

    def used_bytes(self, below=""):
        total = 0
        for folder, _, names in os.walk(self.path / below):
            for name in names:
                try:
                    info = os.lstat(os.path.join(folder, name))
                except FileNotFoundError:
                    continue
                total += max(info.st_blocks * 512, (info.st_size + BLOCK - 1) // BLOCK * BLOCK)
        return total

    def free_bytes(self):
        if self.way == "tmpfs":
            info = os.statvfs(self.path)
            return info.f_bavail * info.f_frsize
        return max(self.size_bytes - self.used_bytes(), 0)

    def place(self, name, size_bytes):
        """A file that takes that much room more."""
        with open(self.path / name, "ab") as file:
            end = file.tell() + size_bytes
            if self.way == "tmpfs":
                os.posix_fallocate(file.fileno(), 0, end)
            else:
                file.truncate(end)  # Its size counts.

    def take_rest(self, name, leave_bytes):
        """Leaves that much free, whatever else comes and goes meanwhile."""
        while (taken := (self.free_bytes() - leave_bytes) // BLOCK * BLOCK) > 0:
            try:
                self.place(name, taken)
            except OSError:
                continue

    def remove(self, *names):
        for name in names:
            (self.path / name).unlink(missing_ok=True)

    def close(self):
        if self.way == "tmpfs":
            subprocess.run(["umount", "--lazy", str(self.path)], check=False)
        shutil.rmtree(self.path, ignore_errors=True)
