"""How the demo ends: the merged log, the proofs with their hashes, the time it took."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from services.demo.hub_client import HubClient
from services.demo.story import Outcome
from services.repos.environment import Identity
from services.repos.git import Git, Where


def print_ending(hub: HubClient, console: Console, outcome: Outcome) -> None:
    console.print()
    console.rule("[bold]What is on your main branch now", align="left", style="dim")
    console.print(escape(_log(outcome.project["workspace_path"], outcome.project["default_branch"])))
    console.print()
    console.rule("[bold]What was proven", align="left", style="dim")
    table = Table(box=None, pad_edge=False)
    for column in ("task", "stage", "proof", "result", "sha256"):
        table.add_column(column, no_wrap=True)
    for task in outcome.tasks:
        for proof in hub.get(f"/tasks/{task['id']}/proofs"):
            tests = proof["facts"].get("tests")
            told = f"{tests['passed']} passed, {tests['failed'] + tests['errors']} failed" if tests else ""
            table.add_row(task["key"], proof["stage"], escape(proof["name"]), told, proof["sha256"][:16])
    console.print(table)
    tokens = sum(run["tokens_in"] + run["tokens_out"] for run in hub.get("/runs", project_id=outcome.project["id"]))
    done = sum(1 for task in outcome.tasks if task["state"] == "done")
    told = f"{done} of {len(outcome.tasks)} tasks done in [bold]{outcome.seconds:.1f} s[/], {tokens} tokens."
    console.print(f"\n[bold green]✓[/] {told}")


@contextmanager
def _as_owner(folder: Path) -> Iterator[None]:
    """As root, become the folder's owner for a while: git looks into nobody else's repository."""
    owner = folder.stat()
    if os.geteuid() != 0 or owner.st_uid == 0:
        yield
        return
    group = os.getegid()
    os.setegid(owner.st_gid)
    os.seteuid(owner.st_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)


def _log(workspace: str, branch: str) -> str:
    """The person's own view of it: what `git log` says in their checkout."""
    folder = Path(workspace)
    git = Git(Identity("Workflow Hub", "hub@wfhub.localhost"), owned=folder)
    show = git.run(Where(folder), "log", "--graph", "--oneline", "--no-color", "-n", "30", branch, "--")
    with _as_owner(folder):
        return asyncio.run(show).stdout.decode("utf-8", "replace").rstrip()
