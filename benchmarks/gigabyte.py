"""One gigabyte to a task and back, with what it cost main-api in memory."""

import hashlib
import http.client
import json
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

SIZE = 1 << 30
PIECE = bytes(range(256)) * 4096  # 1 MiB
MEMORY = 50.0  # MB, the most that main-api may grow by
HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="large.bin"\r\n\r\n'
TAIL = b"\r\n--x--\r\n"


def send_and_read(port: int, pid: int, token: str) -> bool:
    """Prints what it took. Whether the memory's bound held."""
    before = peak(pid)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    headers = {"Authorization": f"Bearer {token}"}
    start = time.perf_counter()
    length = {"Content-Length": str(len(HEAD) + SIZE + len(TAIL))}
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    connection.request("POST", "/tasks/1/attachments", form(), headers | length | kind)
    made = json.loads(connection.getresponse().read())
    sent = time.perf_counter() - start
    digest, start = hashlib.sha256(), time.perf_counter()
    connection.request("GET", f"/attachments/{made['id']}/download", headers=headers)
    answer = connection.getresponse()
    while piece := answer.read(1 << 20):
        digest.update(piece)
    read = time.perf_counter() - start
    if digest.hexdigest() != made["sha256"] or made["size"] != SIZE:
        raise SystemExit("What came back is not what was sent.")
    grown = peak(pid) - before
    Console().print(
        f"1 GiB: sent in {sent:.1f} s, read in {read:.1f} s; main-api grew by {grown:.1f} MB (bound {MEMORY:.0f})"
    )
    return grown <= MEMORY


def form() -> Iterator[bytes]:
    yield HEAD
    for _ in range(SIZE // len(PIECE)):
        yield PIECE
    yield TAIL


def peak(pid: int) -> float:
    """The most memory the process has had, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) / 1000
