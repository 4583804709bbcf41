"""A model that the hub fetches, as one watches it from a terminal."""

from typing import Any

import pytest

from services.cli import model_jobs
from services.cli.model_jobs import watched

FETCHING = [
    {"state": "queued", "progress": {}},
    {"state": "running", "progress": {"words": "pulling manifest"}},
    {"state": "running", "progress": {"bytes": 5_000_000, "total": 20_000_000}},
    {"state": "done", "progress": {}},
]


class Hub:
    def __init__(self) -> None:
        self.jobs = iter(FETCHING)

    def get(self, path: str) -> Any:
        assert path == "/model-jobs/7"
        return next(self.jobs)


@pytest.mark.parametrize("silent", [False, True])
def test_it_tells_how_far_it_is(
    silent: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(model_jobs, "LOOK_SECONDS", 0)
    monkeypatch.setattr(model_jobs, "TELL_SECONDS", -1)
    client: Any = Hub()
    assert watched(client, "ollama/x:1b", 7, silent=silent)["state"] == "done"
    seen = capsys.readouterr()
    lines = ["it begins", "pulling manifest", "5.0 MB of 20.0 MB"]
    expected = "" if silent else "".join(f"  Fetching ollama/x:1b: {line}\n" for line in lines)
    assert seen.out == "" and seen.err.strip() == expected.strip()
