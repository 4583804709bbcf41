"""How fast and how small the hub is, measured on the real processes: `python -m benchmarks.spine`.

Prints, for each number, what was measured, its bound, and the ratio of the two (below 1 is good). The demo's story runs
several times on fresh samples; times between stages are read from the rows it leaves; then the hub is left idle and its
processes are watched through /proc. The exit code says whether all bounds hold.
"""

import argparse
import io
import os
import statistics
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from services.demo.narrator import Narrator
from services.demo.sample_project import SCENARIO
from services.demo.story import Wish, tell
from tests.support.local_hub import LocalHub, local_hub, sample

PERSON_SECONDS = 1.0

# The next run of the same task, where the stage's end itself queued it: not a person's word or another task's end.
GAPS = """
SELECT before.finished_at, after.job_started_at FROM runs AS before JOIN runs AS after
ON after.task_id = before.task_id AND after.queued_at > before.queued_at
WHERE before.finished_at IS NOT NULL AND after.job_started_at IS NOT NULL
AND abs(julianday(after.queued_at) - julianday(before.finished_at)) * 86400 < 0.02
"""
APPROVALS = """
SELECT plans.decided_at, min(runs.job_started_at) FROM plans JOIN tasks ON tasks.plan_id = plans.id
JOIN runs ON runs.task_id = tasks.id GROUP BY plans.id
"""
MERGES = """
SELECT approvals.decided_at, min(runs.job_started_at) FROM approvals JOIN runs ON runs.task_id = approvals.task_id
WHERE approvals.state = 'approved' AND runs.stage = 'testing' GROUP BY approvals.id
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, default=3)
    parser.add_argument("--idle-seconds", type=float, default=30.0)
    parser.add_argument("--settle-seconds", type=float, default=5.0, help="Wait before idle is measured")
    options = parser.parse_args()
    console, rows = Console(), []
    with tempfile.TemporaryDirectory(prefix="wfhub-bench-") as folder, local_hub(Path(folder)) as hub:
        for number in range(options.stories):
            seconds = story(hub, f"till-{number}")
            rows.append((f"story {number + 1}, a sentence to merged commits", seconds, 60.0, "s"))
        gaps = milliseconds(hub, GAPS)
        plans, merges = milliseconds(hub, APPROVALS), milliseconds(hub, MERGES)
        rows += [
            (f"stage's end to the next job, median of {len(gaps)}", statistics.median(gaps), 20.0, "ms"),
            ("stage's end to the next job, p95", quantile(gaps, 0.95), 60.0, "ms"),
            (f"plan approved to the first job, median of {len(plans)}", statistics.median(plans), 100.0, "ms"),
            (f"merge approved to TESTING's job, median of {len(merges)}", statistics.median(merges), 100.0, "ms"),
        ]
        time.sleep(options.settle_seconds)
        memory, cpu, each = idle(hub, options.idle_seconds)
        rows += [("memory of all processes, idle (PSS)", memory, 400.0, "MB"), ("CPU of all, idle", cpu, 3.0, "%")]
    table = Table("measured", "value", "bound", "ratio")
    for name, value, bound, unit in rows:
        ratio = f"{value / bound:.2f}{'' if value <= bound else ' MISSED'}"
        table.add_row(name, f"{value:.1f} {unit}", f"{bound:g} {unit}", ratio)
    console.print(table)
    console.print("PSS by process: " + ", ".join(f"{name} {size:.0f} MB" for name, size in each.items()))
    return 0 if all(value <= bound for _, value, bound, _ in rows) else 1


def story(hub: LocalHub, name: str) -> float:
    wish = Wish(name, str(sample(hub, name)), SCENARIO.with_name("request.txt").read_text(), "scripted/demo")
    return tell(hub.client, Narrator(Console(file=io.StringIO())), wish, ask=look_and_agree).seconds


def look_and_agree(_question: str) -> bool:
    """Nobody reads a plan or a change in less; the hub makes ready meanwhile what the answer will most likely need."""
    time.sleep(PERSON_SECONDS)
    return True


def milliseconds(hub: LocalHub, query: str) -> list[float]:
    pairs = [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in hub.rows(query) if a and b]
    return sorted((later - earlier).total_seconds() * 1000 for earlier, later in pairs if later >= earlier)


def quantile(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))]


def idle(hub: LocalHub, seconds: float) -> tuple[float, float, dict[str, float]]:
    """Memory in MB and CPU in per cent of one core, of our services and all their children."""
    trees = {name: tree(hub.pid(name)) for name in ("main-api", "agent-api", "orchestrator", "scripted-model")}
    before = sum(ticks(pid) for pids in trees.values() for pid in pids)
    time.sleep(seconds)
    spent = sum(ticks(pid) for pids in trees.values() for pid in pids) - before
    each = {name: sum(pss(pid) for pid in pids) for name, pids in trees.items()}
    return sum(each.values()), spent / os.sysconf("SC_CLK_TCK") / seconds * 100, each


def tree(root: int) -> list[int]:
    found, todo = [root], [root]
    while todo:
        for child in Path(f"/proc/{todo.pop()}/task").glob("*/children"):
            pids = [int(pid) for pid in child.read_text().split()]
            found += pids
            todo += pids
    return found


def ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


def pss(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


if __name__ == "__main__":
    sys.exit(main())
