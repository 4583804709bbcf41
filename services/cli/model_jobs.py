"""A model that the hub fetches, as one watches it from a terminal."""

import time
from collections.abc import Mapping
from typing import Any

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from services.cli import printing
from services.cli.outside import said
from services.demo.hub_client import HubClient

LIVE = ("queued", "running")
LOOK_SECONDS, TELL_SECONDS = 0.5, 15.0
Json = dict[str, Any]


def watched(client: HubClient, name: str, job_id: int, *, silent: bool = False) -> Json:
    """The job once it is over. Until then a bar on a terminal, elsewhere a line now and then. `silent`: neither."""
    columns = (
        TextColumn("  {task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    told = time.monotonic()
    with Progress(*columns, console=printing.err, transient=True, disable=silent) as progress:
        bar = progress.add_task(f"Fetching {said(name)}", total=None)
        while True:
            job: Json = client.get(f"/model-jobs/{job_id}")
            if job["state"] not in LIVE:
                return job
            facts = job["progress"]
            progress.update(bar, completed=facts.get("bytes") or 0, total=facts.get("total"))
            if not silent and not printing.err.is_terminal and time.monotonic() - told > TELL_SECONDS:
                told = time.monotonic()
                printing.err.print(f"  Fetching {said(name)}: {said(_so_far(facts))}")
            time.sleep(LOOK_SECONDS)


def _so_far(facts: Mapping[str, Any]) -> str:
    total = facts.get("total")
    if not total:
        return str(facts.get("words") or "it begins")
    return f"{printing.size(facts.get('bytes') or 0)} of {printing.size(total)}"
