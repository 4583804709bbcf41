"""Every benchmark, one after the other, and a page of what came out: `just bench`, or `python -m benchmarks.all`.

`--only gateway,tools` runs some, `--quick` small sizes, `--list` tells them. The page is docs/benchmarks.md (`--page
FILE` another, `--page -` none): machine, time, ratios over each peer of the same run, and what each of
them printed. The exit code is 1 where one missed a bound or failed. Run it on a machine that does nothing else.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.compared import RECORD, Compared, read

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
MARKS = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\r")


@dataclass(frozen=True)
class Benchmark:
    """A module of this folder; `quick` are its words for a short run; without a `bound` it only tells."""

    name: str
    about: str
    words: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()
    bound: bool = True


@dataclass
class Outcome:
    """`code` is the program's: 0 where all bounds held, 1 where one was missed."""

    benchmark: Benchmark
    code: int
    seconds: float
    printed: str
    compared: list[Compared] = field(default_factory=list[Compared])


ALL = (
    Benchmark("aider_edit", "a DEV edit, beside the bare aider command", (), ("--warm", "3", "--bare", "1")),
    Benchmark("board", "how long people wait on a hub with 10,000 tasks", ("--upload",),
              ("--times", "10", "--database", "sqlite")),
    Benchmark("containers", "a warm start of the containers, what they take, how large their images are"),
    Benchmark("crowded_agent", "agent-api beside 20 busy jobs"),
    Benchmark("gateway", "a model call through the gateway, beside LiteLLM's proxy",
              ("--database", "sqlite", "--database", "postgresql"), ("--rounds", "2", "--calls", "40")),
    Benchmark("git", "the hub's git, beside plain git", (), ("--rounds", "2", "--only", "diff")),
    Benchmark("live", "the page under load, in Chromium"),
    Benchmark("load", "200 clients for a minute", (), ("--database", "sqlite", "--seconds", "10")),
    Benchmark("logs", "a log that is flooded, and the page that follows it", (), ("--seconds", "8")),
    Benchmark("metrics", "figures over 100,000 runs", (), ("--times", "5", "--runs", "5000", "--database", "sqlite")),
    Benchmark("pipeline", "a stage that does nothing, beside LangGraph, DBOS, Celery and Prefect", (),
              ("--quick", "--database", "sqlite", "--peer", "dbos-sqlite")),
    Benchmark("redaction", "how quick secrets are taken out", bound=False),
    Benchmark("spine", "the demo's story, and an idle hub", (), ("--stories", "1", "--idle-seconds", "5")),
    Benchmark("tools", "grep over 100,000 files, beside ripgrep"),
    Benchmark("watch", "wf watch under 1,000 events a second", (), ("--seconds", "5")),
)  # fmt: skip


def run(benchmark: Benchmark, quick: bool) -> Outcome:
    """In a process of its own; what it prints is shown as it comes, and kept."""
    words = (benchmark.quick or benchmark.words) if quick else benchmark.words
    command = [sys.executable, "-m", f"benchmarks.{benchmark.name}", *words]
    with tempfile.TemporaryDirectory(prefix="wfhub-bench-all-") as folder:
        record = Path(folder) / "compared.jsonl"
        told = {"COLUMNS": "120", "NO_COLOR": "1", "PYTHONUNBUFFERED": "1", RECORD: str(record)}
        begun, lines = time.monotonic(), list[str]()
        with subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **told}, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                print(line, end="", flush=True)
                lines.append(MARKS.sub("", line))
        return Outcome(benchmark, process.returncode, time.monotonic() - begun, "".join(lines), read(record))


def page(outcomes: Sequence[Outcome], quick: bool, at: datetime, load: float) -> str:
    """Markdown of a run. `load` is the machine's before it began."""
    rows = [
        f"| {one.benchmark.about} | `{one.benchmark.name}` | {_held(one)} | {one.seconds:.0f} |" for one in outcomes
    ]
    ratios = [_row(each) for one in outcomes for each in one.compared]
    parts = [
        "# Benchmarks",
        "",
        "Written by `just bench`, which runs each of them and prints the same. Ratios over others are of the same run,",
        "so that a busy machine is for both. `just bench --only gateway,tools` runs some; `--quick` is for a look.",
        "What the numbers should be, and what they were before: [status](status.md#numbers).",
        "",
        f"{at:%Y-%m-%d %H:%M} UTC, {machine()}; load {load:.2f} before it began.",
    ]
    if quick:
        parts += ["", "**A quick run**: few rounds and small sizes. It shows that all of it runs, and proves no bound."]
    parts += ["", "## Beside others", ""]
    head = ["| | beside | ours | theirs | ours over theirs | better is |", "| --- | --- | --- | --- | --- | --- |"]
    parts += [*head, *ratios] if ratios else ["Nothing that was run has somebody else beside it."]
    parts += ["", "## All of them", "", "| | benchmark | bounds | seconds |", "| --- | --- | --- | --- |", *rows]
    for one in outcomes:
        fence = "````"
        parts += ["", f"## {one.benchmark.name}", "", f"{fence}text", one.printed.strip("\n") or "(nothing)", fence]
    return "\n".join(parts) + "\n"


def machine() -> str:
    """Processor, cores, memory, system, Python."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    system = f"{platform.system()} {platform.release()}"
    return f"{_processor()}, {cores} cores, {memory:.0f} GiB, {system}, Python {platform.python_version()}"


def chosen(only: str | None) -> list[Benchmark]:
    """Those of these names, in our order. Raises SystemExit for a name that there is not."""
    names = [name.strip() for name in only.split(",")] if only else [one.name for one in ALL]
    if unknown := sorted(set(names) - {one.name for one in ALL}):
        raise SystemExit(
            f"There is no benchmark {', '.join(unknown)}. There are: {', '.join(one.name for one in ALL)}."
        )
    return [one for one in ALL if one.name in names]


def _held(one: Outcome) -> str:
    if one.code == 0:
        return "hold" if one.benchmark.bound else "none"
    return "**missed**" if one.code == 1 and "Traceback" not in one.printed else "**failed**"


def _row(one: Compared) -> str:
    ours, theirs = (f"{value:,.0f}" if value >= 1000 else f"{value:.4g}" for value in (one.ours, one.theirs))
    numbers = f"{ours} {one.unit} | {theirs} {one.unit} | {one.ratio:.3g}"
    return f"| {one.what} | {one.peer} | {numbers} | {'more' if one.more else 'less'} |"


def _processor() -> str:
    try:
        lines: Iterable[str] = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="names, separated by commas")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--page", default=str(PAGE))
    parser.add_argument("--list", action="store_true")
    asked = parser.parse_args()
    if asked.list:
        print("\n".join(f"{one.name:14} {one.about}" for one in ALL))
        return 0
    at, load = datetime.now(UTC), os.getloadavg()[0]
    outcomes: list[Outcome] = []
    for one in chosen(asked.only):
        print(f"\n== {one.name}: {one.about}", flush=True)
        outcomes.append(run(one, asked.quick))
        if asked.page != "-":  # after each: a long run that is broken off leaves what it had
            Path(asked.page).write_text(page(outcomes, asked.quick, at, load), encoding="utf-8")
    for one in outcomes:
        print(f"{one.benchmark.name:14} {_held(one).strip('*')} ({one.seconds:.0f} s)")
    return 0 if all(one.code == 0 for one in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
