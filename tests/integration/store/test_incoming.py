"""Files on their way in where the disk has no room, and where memory must stay flat."""

import asyncio
import resource
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from services.files.errors import DiskFull, FileTooLarge
from services.files.store import FileStore

LIMIT = 3_000_000


@pytest.fixture
def small_disk():  # type: ignore[no-untyped-def] - a generator of nothing
    """No file of this process can grow above LIMIT: what a full disk does to a write, without one."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


async def bring(store: FileStore, pieces: int, size: int = 100_000, most: int = 1 << 30) -> str:
    async with store.incoming(most) as coming:
        for _ in range(pieces):
            await coming.write(b"x" * size)
        await coming.finish()
        await coming.keep()
        return coming.sha256


def files(store: FileStore) -> list[Path]:
    return [path for path in store.root.rglob("*") if path.is_file()]


async def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path, small_disk: None) -> None:
    store = FileStore(tmp_path)
    with pytest.raises(DiskFull) as told:
        await bring(store, 40)
    assert "is full" in str(told.value) and "WFHUB_HOME" in told.value.way_out
    assert files(store) == []
    kept = await bring(store, 20)
    assert [path.name for path in files(store)] == [kept] and store.check(kept) == "verified"


def test_what_is_put_whole_leaves_nothing_on_a_full_disk_either(tmp_path: Path, small_disk: None) -> None:
    store = FileStore(tmp_path)
    with pytest.raises(OSError, match="too large"):
        store.put(b"x" * (LIMIT + 1))
    assert files(store) == []


async def test_the_limit_counts_bytes_not_pieces(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    await bring(store, 10, 100, most=1000)
    with pytest.raises(FileTooLarge):
        await bring(store, 10, 101, most=1000)
    assert len(files(store)) == 1


async def test_many_at_once_of_the_same_bytes(tmp_path: Path) -> None:
    store = FileStore(tmp_path)
    names = await asyncio.gather(*(bring(store, 30) for _ in range(8)))
    assert len(set(names)) == 1 and len(files(store)) == 1 and store.check(names[0]) == "verified"


async def test_a_row_that_fails_afterwards_takes_its_file_with_it_but_no_other(tmp_path: Path) -> None:
    store = FileStore(tmp_path)

    async def fails() -> None:
        async with store.incoming(1 << 30) as coming:
            await coming.write(b"hello")
            await coming.finish()
            await coming.keep()
            raise LookupError

    with pytest.raises(LookupError):
        await fails()
    assert files(store) == []
    sha256, _ = store.put(b"hello")
    with pytest.raises(LookupError):
        await fails()
    assert [path.name for path in files(store)] == [sha256], "it was there before"


def test_memory_stays_flat(tmp_path: Path) -> None:
    """300 MB through the server's own form reader, in a process of its own: less than 50 MB more than before."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_UPLOAD), str(tmp_path)], capture_output=True, text=True, check=True
    )
    before, after, size = map(int, done.stdout.split())
    assert size == 300_000_000
    assert after - before < 50_000, "kB"


_UPLOAD = """
    import asyncio, resource, sys
    from pathlib import Path
    from fastapi import Request
    from main_api.uploads import receive
    from services.files.store import FileStore

    def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    HEAD = b'--x\\r\\nContent-Disposition: form-data; name="file"; filename="a"\\r\\n\\r\\n'

    async def main():
        piece, left = b"y" * 60_000, [5000]
        async def body():
            if left[0] == 5000:
                left[0] -= 1
                return {"type": "http.request", "body": HEAD + piece, "more_body": True}
            if left[0]:
                left[0] -= 1
                return {"type": "http.request", "body": bytes(piece), "more_body": True}
            return {"type": "http.request", "body": b"\\r\\n--x--\\r\\n", "more_body": False}
        headers = [(b"content-type", b"multipart/form-data; boundary=x")]
        request = Request({"type": "http", "method": "POST", "headers": headers}, body)
        before = peak()
        async with receive(request, FileStore(Path(sys.argv[1])), 1 << 30) as upload:
            await upload.file.keep()
            print(before, peak(), upload.file.size)

    asyncio.run(main())
"""
