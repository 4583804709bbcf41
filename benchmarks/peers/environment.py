"""What the hub is measured beside: each in an environment of its own, outside of the tree, locked."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

LOCKS = Path(__file__).resolve().parents[2] / "requirements"


def environment(name: str) -> Path:
    """The folder with its programs, installed from requirements/<name>.txt when it is first asked for: under
    XDG_CACHE_HOME, ~/.cache where that isn't set."""
    lock = LOCKS / f"{name}.txt"
    digest = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()[:12]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder, uv = cache / f"wfhub-{name}-{digest}", os.environ.get("UV") or shutil.which("uv")
    if not (folder / ".complete").exists():
        if uv is None:
            raise SystemExit("uv is not on PATH: ./test.sh makes .venv-dev, which has it.")
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder], check=True)
        options = ["--quiet", "--require-hashes", "--compile-bytecode", "--python", folder / "bin" / "python"]
        subprocess.run([uv, "pip", "sync", *options, lock], check=True)
        (folder / ".complete").touch()
    return folder / "bin"
