"""How agent-api answers /health while 20 busy jobs run: `python -m benchmarks.crowded_agent`.

Each job keeps a processor busy and writes a line ten times a second, which is followed live. What runs stands back from
the hub by AGENT_NICENESS, and as many run at once as AGENT_CAPACITY says (4, if it says nothing; here 20). Then one is
cancelled, and the others at once. The exit code says whether the bounds hold.
"""

import asyncio
import hashlib
import os
import socket
import sys
import tempfile
import time
from pathlib import Path

import httpx

JOBS, SECONDS = 20, 15
BOUND_MS, CANCEL_SECONDS = 100, 1.0
TOKEN = "the token of this benchmark alone"
BUSY = "end=$((SECONDS+60)); while [ $SECONDS -lt $end ]; do for i in {1..20000}; do :; done; echo busy; done"


def spec(number: int, worktree: Path) -> dict[str, object]:
    settings = {"executor": "command", "command": BUSY}
    return {"run_id": f"crowd-{number}", "step": "qa", "worktree": str(worktree), "settings": settings}


async def follow(http: httpx.AsyncClient, number: int) -> None:
    async with http.stream("GET", f"/jobs/crowd-{number}/qa/events", timeout=None) as answer:
        async for _ in answer.aiter_lines():
            pass


async def ask(http: httpx.AsyncClient) -> list[float]:
    times: list[float] = []
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        begun = time.perf_counter()
        (await http.get("/health")).raise_for_status()
        times.append((time.perf_counter() - begun) * 1000)
        await asyncio.sleep(0.02)
    return sorted(times)


def p99(times: list[float]) -> float:
    return times[int(len(times) * 0.99)]


def told(name: str, times: list[float]) -> str:
    return f"{name}: median {times[len(times) // 2]:.1f} ms, p99 {p99(times):.1f} ms, n {len(times)}"


async def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        home, port = Path(folder), _free_port()
        own = {"PATH": os.environ["PATH"], "PYTHONPATH": os.environ.get("PYTHONPATH", ""), "WFHUB_HOME": folder,
               "WFHUB_TOKEN_SHA256": hashlib.sha256(TOKEN.encode()).hexdigest(), "AGENT_API_PORT": str(port),
               "AGENT_CAPACITY": str(JOBS), "LOG_LEVEL": "warning"}  # fmt: skip
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "agent_api.app", env=own)
        headers = {"Authorization": f"Bearer {TOKEN}"}
        try:
            async with httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False, timeout=60, limits=httpx.Limits()
            ) as http:
                await _up(http)
                print(told("idle", await ask(http)))
                for number in range(JOBS):
                    worktree = home / f"w{number}"
                    worktree.mkdir()
                    (await http.put(f"/jobs/crowd-{number}/qa", json=spec(number, worktree))).raise_for_status()
                followers = [asyncio.create_task(follow(http, number)) for number in range(JOBS)]
                await asyncio.sleep(3)
                running = (await http.get("/health")).json()["jobs_running"]
                print(told(f"{running} jobs", busy := await ask(http)), f"(p99 ≤ {BOUND_MS} ms)")
                held = p99(busy) <= BOUND_MS
                for name, numbers in (("one", [0]), ("the other 19 at once", range(1, JOBS))):
                    begun = time.perf_counter()
                    await asyncio.gather(*(http.delete(f"/jobs/crowd-{number}/qa") for number in numbers))
                    taken = time.perf_counter() - begun
                    print(f"{name} cancelled, the last process gone: {taken:.2f} s (≤ {CANCEL_SECONDS:g} s)")
                    held &= taken <= CANCEL_SECONDS
                await asyncio.gather(*followers)
                return 0 if held else 1
        finally:
            process.terminate()
            await process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


async def _up(http: httpx.AsyncClient) -> None:
    for _ in range(200):
        try:
            await http.get("/health")
            return
        except httpx.TransportError:
            await asyncio.sleep(0.1)
    raise SystemExit("agent-api does not answer")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
