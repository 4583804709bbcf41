"""Which cages work on this host, and which one a job gets."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Literal

from agent_api.cage import landlock
from agent_api.cage.policy import Backend, CageHost
from agent_api.errors import CageUnavailable

_PROBE_SECONDS = 10
_BWRAP_PROBE = ("--unshare-all", "--die-with-parent", "--cap-drop", "ALL", "--ro-bind", "/", "/", "--proc", "/proc")
_NAMESPACE_PROBE = "import namespaces; namespaces.enter(own_network=True, protected=[])"


@cache
def probe() -> CageHost:
    """Try out, once per process, what the kernel and its policies really allow (an installed bwrap proves nothing)."""
    bwrap = shutil.which("bwrap")
    works = bwrap is not None and _succeeds([bwrap, *_BWRAP_PROBE, "--", "/bin/true"])
    return CageHost(
        bwrap=Path(bwrap) if bwrap and works else None,
        landlock_abi=landlock.abi_version(),
        namespaces=_succeeds([sys.executable, "-S", "-E", "-c", _NAMESPACE_PROBE]),
    )


def choose(wanted: Literal["auto", "bubblewrap", "landlock", "none"], host: CageHost, *, allow_none: bool) -> Backend:
    """bubblewrap, else landlock, else none; `none` only with the owner's word. Raises CageUnavailable."""
    works: dict[Backend, bool] = {
        "bubblewrap": host.bwrap is not None,
        "landlock": host.landlock_abi >= 4,
        "none": allow_none,
    }
    if wanted == "auto":
        for backend, usable in works.items():
            if usable:
                return backend
    elif works[wanted]:
        return wanted
    if wanted == "none":
        raise CageUnavailable(
            "The job asks to run without a cage, and this machine's owner has not allowed that.",
            "Set CAGE_ALLOW_NONE=true for agent-api if you accept that what models write runs with your rights.",
        )
    asked = "No cage" if wanted == "auto" else f"The {wanted} cage does not work here; no cage"
    raise CageUnavailable(
        f"{asked} that holds model-written commands is usable on this machine.",
        "Install bubblewrap (and allow user namespaces), or use a kernel with Landlock (6.7 or newer), "
        "or set CAGE_ALLOW_NONE=true to run without one.",
        bubblewrap=works["bubblewrap"],
        landlock_abi=host.landlock_abi,
    )


def _succeeds(argv: list[str]) -> bool:
    try:
        done = subprocess.run(
            argv,
            cwd=Path(__file__).parent,
            env={"PATH": os.defpath, "PYTHONPATH": ""},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
