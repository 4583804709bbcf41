"""Thumbnails: small PNGs of pictures, and a process of its own between the hub and a hostile file."""

import asyncio
import io
import struct
import sys
import zlib
from pathlib import Path

import httpx
import pytest
from PIL import Image

from main_api.hub import HubParts
from services.files.errors import ThumbnailRefused
from services.files.thumbnails import PROGRAM, Edge, Thumbnails
from services.store.models import Task
from tests.support import factories as make

BOMB_EDGE = 12_000  # 144 million pixels: far above the bound, and yet decodable with some patience


def bomb(width: int, height: int) -> bytes:
    """A grey PNG of that many pixels in a few hundred kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    squeeze = zlib.compressobj(9)
    line = b"\0" + b"\x80" * width
    data = b"".join([*(squeeze.compress(line) for _ in range(height)), squeeze.flush()])
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def bomb_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bomb") / "bomb.png"
    path.write_bytes(bomb(BOMB_EDGE, BOMB_EDGE))
    assert path.stat().st_size < 500_000
    return path


@pytest.fixture
def bomb_bytes(bomb_file: Path) -> bytes:
    return bomb_file.read_bytes()


@pytest.fixture
async def task(hub: HubParts) -> Task:
    async with hub.db.write() as session:
        return await make.make_task(session)


async def put(client: httpx.AsyncClient, task: Task, name: str, data: bytes) -> dict:
    return (await client.post(f"/tasks/{task.id}/attachments", files={"file": (name, data)})).json()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
async def test_of_each_kind_of_picture(client: httpx.AsyncClient, hub: HubParts, task: Task, kind: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (400, 1000), "red").save(out, kind)
    made = await put(client, task, "lie.txt", out.getvalue())
    assert (made["media_type"], made["picture"]) == (f"image/{kind.lower()}", True)
    got = await client.get(f"/attachments/{made['id']}/thumbnail", params={"size": 128})
    assert (got.status_code, got.headers["content-type"]) == (200, "image/png")
    assert got.headers["x-content-type-options"] == "nosniff" and "sandbox" in got.headers["content-security-policy"]
    small = Image.open(io.BytesIO(got.content))
    assert (small.format, small.size) == ("PNG", (51, 128))
    assert len(list(hub.thumbnails.root.iterdir())) == 1
    await client.delete(f"/attachments/{made['id']}")
    assert list(hub.thumbnails.root.iterdir()) == [], "it goes with its picture"


async def test_turned_as_the_camera_says_and_without_its_notes(client: httpx.AsyncClient, task: Task) -> None:
    out = io.BytesIO()
    notes = Image.Exif()
    notes[0x0112], notes[0x010E] = 6, "home address"
    Image.new("RGB", (400, 200), "blue").save(out, "JPEG", exif=notes)
    made = await put(client, task, "a.jpg", out.getvalue())
    got = await client.get(f"/attachments/{made['id']}/thumbnail")
    small = Image.open(io.BytesIO(got.content))
    assert small.size == (128, 256) and b"home address" in out.getvalue() and b"home address" not in got.content


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.png", b"hello"), ("a.png", b"\x89PNG\r\n\x1a\nbroken"), ("a.svg", b"<svg onload='alert(1)'/>"),
        ("a.png", b""), ("a.ps", b"%!PS-Adobe-3.0 EPSF-3.0\n(/bin/sh) run\n"),
    ],
)  # fmt: skip
async def test_of_what_is_no_picture(
    client: httpx.AsyncClient, hub: HubParts, task: Task, name: str, data: bytes
) -> None:
    made = await put(client, task, name, data)
    refused = await client.get(f"/attachments/{made['id']}/thumbnail")
    assert (refused.status_code, refused.json()["code"]) == (404, "thumbnail_refused")
    assert refused.json()["way_out"] == "Download it instead."
    assert list(hub.thumbnails.root.iterdir()) == []


async def test_a_size_that_is_not_offered(client: httpx.AsyncClient, task: Task) -> None:
    made = await put(client, task, "a.png", b"")
    assert (await client.get(f"/attachments/{made['id']}/thumbnail", params={"size": 4000})).status_code == 422


async def test_a_bomb_is_refused_before_it_is_decoded(
    client: httpx.AsyncClient, hub: HubParts, task: Task, bomb_bytes: bytes
) -> None:
    made = await put(client, task, "bomb.png", bomb_bytes)
    refused = await client.get(f"/attachments/{made['id']}/thumbnail")
    assert (refused.status_code, refused.json()["code"]) == (404, "thumbnail_refused")
    assert "too many pixels" in refused.json()["detail"]


async def test_the_bomb_goes_off_without_the_guard(bomb_file: Path, tmp_path: Path) -> None:
    """With no bound on pixels the same file is decoded; with one on memory alone, only the child meets its end."""
    assert await peak_memory(bomb_file, tmp_path, pixels=0, memory=1 << 34) > 100_000  # kB
    with pytest.raises(ThumbnailRefused, match=r"too much memory|can not be made"):
        await Thumbnails(tmp_path, most_pixels=0, memory=200_000_000).of(bomb_file, "f" * 64, Edge.CARD)


async def peak_memory(source: Path, folder: Path, *, pixels: int, memory: int) -> int:
    code = (
        "import resource, runpy, sys; sys.argv = sys.argv[1:]\n"
        "try: runpy.run_path(sys.argv[0], run_name='__main__')\n"
        "except SystemExit as end: print(end.code, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    arguments = [str(PROGRAM), str(source), str(folder / "made.png"), "256", str(pixels), str(memory)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-c", code, *arguments, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await process.communicate()
    code_and_peak = told.split()
    assert code_and_peak[0] == b"0"
    return int(code_and_peak[1])
