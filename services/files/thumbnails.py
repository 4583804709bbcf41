"""Small pictures of pictures, made once by a process of its own and kept."""

import asyncio
import sys
import uuid
from asyncio.subprocess import Process
from enum import IntEnum
from pathlib import Path

import structlog

from services.files.errors import ThumbnailRefused
from services.processes.start import start

PROGRAM = Path(__file__).with_name("shrink_picture.py")
MOST_PIXELS = 40_000_000  # a 24-megapixel photograph and more; 160 MB while it is decoded
MEMORY = 1 << 30
SECONDS = 20.0
WAY_OUT = "Download it instead."
log = structlog.get_logger(__name__)


class Edge(IntEnum):
    """The longer edge of a thumbnail, in pixels."""

    ICON = 64
    SMALL = 128
    CARD = 256
    LARGE = 512


class Thumbnails:
    """`<root>/<sha256>-<edge>.png`. One is made at a time: decoding takes memory."""

    def __init__(self, root: Path, most_pixels: int = MOST_PIXELS, memory: int = MEMORY) -> None:
        self.root, self._most_pixels, self._memory = root, most_pixels, memory
        self._one = asyncio.Semaphore(1)

    async def of(self, source: Path, sha256: str, edge: Edge) -> Path:
        """The thumbnail's file, its longer edge at most `edge` pixels. Raises ThumbnailRefused."""
        made = self.root / f"{sha256}-{edge:d}.png"
        async with self._one:
            if not made.is_file():
                self.root.mkdir(parents=True, exist_ok=True)
                draft = self.root / f"{uuid.uuid4().hex}.draft"
                try:
                    await self._make(source, draft, edge)
                    draft.replace(made)
                finally:
                    draft.unlink(missing_ok=True)
        return made

    def forget(self, sha256: str) -> None:
        for made in self.root.glob(f"{sha256}-*.png"):
            made.unlink(missing_ok=True)

    async def _make(self, source: Path, target: Path, edge: int) -> None:
        numbers = map(str, (int(edge), self._most_pixels, self._memory))
        process = await start(
            _end, sys.executable, "-I", str(PROGRAM), str(source), str(target), *numbers,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
            cwd="/", env={},
        )  # fmt: skip
        try:
            _, told = await asyncio.wait_for(process.communicate(), SECONDS)
        except TimeoutError:
            told = b"it takes too long"
        finally:
            await _end(process)
        if process.returncode == 0:
            return
        reason = told.decode(errors="replace").strip() if process.returncode == 3 else ""
        if not reason:
            log.warning("thumbnail.failed", exit_code=process.returncode, told=told[-500:].decode(errors="replace"))
        raise ThumbnailRefused(f"There is no small picture of this file: {reason or 'it can not be made'}.", WAY_OUT)


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()
