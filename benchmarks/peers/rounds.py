"""What every program in this folder does with its own way to carry a task. Runs in that program's environment.

`carry(name)` carries a new task through its seven stages. One after the other tells the time of a stage, fifty at once
the stages a second; both go to standard output as JSON, with the processor's time of this process and of `beside`.
"""

import argparse
import asyncio
import json
import os
import time
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

STAGES, AT_ONCE, WARMING = 7, 50, 2
Carry = Callable[[str], Awaitable[object]]


def options(**more: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    for name, default in more.items():
        parser.add_argument(f"--{name}", default=default)
    return parser.parse_args()


async def measure(carry: Carry, tasks: int, rounds: int, beside: tuple[int, ...] = ()) -> None:
    pids = (os.getpid(), *beside)
    for _ in range(WARMING):
        await carry(uuid.uuid4().hex)
    alone, rates, spent = [], [], 0.0
    for _ in range(tasks):
        begun = time.perf_counter()
        await carry(uuid.uuid4().hex)
        alone.append((time.perf_counter() - begun) * 1000 / STAGES)
    for _ in range(rounds):
        before, begun = cpu(pids), time.perf_counter()
        await asyncio.gather(*(carry(uuid.uuid4().hex) for _ in range(AT_ONCE)))
        rates.append(AT_ONCE * STAGES / (time.perf_counter() - begun))
        spent += cpu(pids) - before
    told = {"alone": alone, "rates": rates, "cpu": spent * 1000 / (rounds * AT_ONCE * STAGES)}
    print(json.dumps(told), flush=True)


def cpu(pids: tuple[int, ...]) -> float:
    """Seconds of the processor, of these and all below them."""
    return sum(_ticks(pid) for pid in pids) / os.sysconf("SC_CLK_TCK")


def _ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        tasks = list(Path(f"/proc/{pid}/task").glob("*/children"))
        below = [int(child) for task in tasks for child in task.read_text().split()]
    except FileNotFoundError:  # it ended meanwhile: its parent has its time
        return 0
    return sum(map(int, fields[11:15])) + sum(map(_ticks, below))
