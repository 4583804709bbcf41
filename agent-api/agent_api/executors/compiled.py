"""What Python compiled of an environment, kept beside it: a command would compile pytest anew each time, for a second.

A worktree's own `__pycache__` is never believed, as an agent may have written it: PYTHONPYCACHEPREFIX turns Python away
from it. It turns it away from the environment's too, so that is laid where the prefix points.
"""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from agent_api.cage.policy import CageLimits, ResolvedCage
from agent_api.cage.run import run_caged

FOLDER = "compiled"
_SECONDS = 120
# The installed packages, and of the standard library what a run of tests is most likely to import.
_PROGRAM = """
import compileall, sysconfig
compileall.compile_dir(sysconfig.get_path("purelib"), quiet=2)
import asyncio, code, decimal, doctest, html, http.client, json, pdb, shlex, sqlite3, unittest.mock, uuid
import importlib.metadata, importlib.resources, urllib.request, xml.etree.ElementTree
"""


async def compile_environment(
    folder: Path, worktree: Path, cage: ResolvedCage, limits: CageLimits, on_spawn: Callable[[int], None]
) -> None:
    """Fills `folder`'s compiled files, where the environment has a Python. What can't be compiled is left out."""
    python, kept = folder / "bin" / "python", folder / FOLDER
    if not python.exists():
        return
    await run_caged(
        [str(python), "-I", "-X", f"pycache_prefix={kept}", "-c", _PROGRAM],
        cwd=folder,
        cage=cage,
        limits=replace(limits, seconds=min(limits.seconds, _SECONDS)),
        on_spawn=on_spawn,
    )
    shutil.rmtree(kept / worktree.relative_to("/"), ignore_errors=True)  # installed in place: its files will change


def where(folder: Path | None) -> dict[str, str]:
    """Tells a command's Python of them; it can't add to them."""
    return {"PYTHONPYCACHEPREFIX": str(folder / FOLDER)} if folder and (folder / FOLDER).is_dir() else {}
