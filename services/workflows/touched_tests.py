"""What a task's branch did to the project's tests, by the files of its base and of its head."""

import asyncio
from dataclasses import dataclass

from services.domain.test_files import belongs_to_tests, is_test
from services.reviews.narrowed import is_looked_at, narrowed
from services.reviews.weakened import Weakening, hollow, weakened
from services.store.models import Project, Run, Task
from services.workflows import baseline
from services.workflows.bench import bench
from services.workflows.records import recorded

MOST_FILES = 2_000  # changed files that belong to tests; a change of more is told as such


@dataclass(frozen=True)
class Touched:
    weakened: tuple[Weakening, ...] = ()
    hollow: frozenset[str] = frozenset()


NONE = Touched()


async def of_run(run: Run, task: Task) -> Touched:
    """Looks at changed files only; no process is started where none of them belongs to tests."""
    if task.branch is None or run.base_sha is None:
        return NONE
    repos = bench().repos
    changed = await repos.changed_files(run.project_id, run.base_sha, task.branch)
    command = await _command(run)
    paths = [path for path in changed if belongs_to_tests(path) or is_looked_at(path, command)]
    if not paths:
        return NONE
    before = await repos.texts(run.project_id, run.base_sha, paths[:MOST_FILES])
    after = await repos.texts(run.project_id, task.branch, paths[:MOST_FILES])
    found = await asyncio.to_thread(weakened, before, after)
    if await _had_tests(run):
        found += narrowed(before, after, command)
    if len(paths) > MOST_FILES:
        found.append(Weakening("too-many", paths[0], "", f"{len(paths)} files of tests were changed at once", "medium"))
    tests = {path: text for path, text in after.items() if is_test(path)}
    return Touched(tuple(found), await asyncio.to_thread(hollow, tests))


async def _command(run: Run) -> str:
    async with bench().db.read() as session:
        project = await session.get_one(Project, run.project_id)
    return str(project.settings.get("commands", {}).get("test") or "")


async def _had_tests(run: Run) -> bool:
    """Whether a test passed at the base: without one there was nothing to narrow."""
    names = [entry["name"] for entry in recorded(run).values() if entry["executor"] == "command"]
    reports = [await baseline.report(run.project_id, run.base_sha, name) for name in names]
    return any(report.passed for report in reports if report)
