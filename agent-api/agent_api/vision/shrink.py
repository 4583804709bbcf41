"""Makes a picture small enough for a model, in the cage: a file of a workspace may be made to break its reader."""

import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agent_api.cage.host import choose, probe
from agent_api.cage.policy import CageLimits, resolve_cage
from agent_api.cage.run import run_caged
from agent_api.errors import ImageRefused
from agent_api.settings import AgentSettings

PROGRAM = Path(__file__).with_name("shrink_program.py")
LIMITS = CageLimits(seconds=20, memory_bytes=2 * 2**30, file_bytes=2**25, processes=16, output_bytes=20_000)
WAY_OUT = "Name a still picture: PNG, JPEG, WebP, GIF, BMP or TIFF."


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG no longer than the edge asked for, and the size in pixels of what it was made of."""

    jpeg: bytes
    width: int
    height: int


async def shrink(
    content: bytes, name: str, settings: AgentSettings, on_spawn: Callable[[int], None] | None = None
) -> Picture:
    """Raises ImageRefused, CageUnavailable. `name` is for the sentence alone."""
    host = probe()
    backend = choose(settings.cage_backend, host, allow_none=settings.cage_allow_none)
    with tempfile.TemporaryDirectory(prefix="wfhub-image-", ignore_cleanup_errors=True) as folder:
        source, target = Path(folder) / "source", Path(folder) / "small.jpg"
        source.write_bytes(content)
        cage = resolve_cage(backend=backend, tmp=Path(folder), host=host, niceness=settings.agent_niceness)
        numbers = [str(settings.vision_max_edge), str(settings.vision_max_pixels)]
        command = [sys.executable, "-I", "-c", PROGRAM.read_text(), str(source), str(target), *numbers]
        done = await run_caged(
            command, cwd=Path(folder), cage=cage, limits=LIMITS, on_spawn=on_spawn, split_errors=True
        )
        told = _told(done.output)
        if done.exit_code != 0 or not target.is_file():
            reason = told.get("refused") or (
                f"looking at it took too much ({done.stopped_by or 'it broke the reader'})"
            )
            raise ImageRefused(f"{name} cannot be looked at: {reason}.", WAY_OUT)
        return Picture(target.read_bytes(), int(told["width"]), int(told["height"]))


def _told(output: bytes) -> dict[str, str]:
    try:
        return json.loads(output)
    except ValueError:
        return {}
