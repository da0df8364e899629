"""The libraries of this folder that stand between the server and its files."""
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent


def build(name, folder):
    """Compiles NAME.c into the folder; the library."""
    library = Path(folder) / f"{name}.so"
    subprocess.run(["gcc", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-O1", "-o", str(library),
                    str(HERE / f"{name}.c"), "-ldl", "-pthread"], check=True)
    return library


def environment(library, settings):
    """What a process has to be started with. A sanitizer's own library need not come first."""
    return {"LD_PRELOAD": str(library), "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0",
            **{name: str(value) for name, value in settings.items()}}
