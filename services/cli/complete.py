"""What the shell offers when Tab is pressed: asked of the hub, in a moment or not at all."""

from collections.abc import Callable, Iterator

import httpx

from services.cli.hub_calls import calls
from services.demo.hub_client import HubClient
from services.domain.errors import HubError

SECONDS = 0.7  # a hub that is slower offers nothing
MOST = 200
VIEWS = (
    "inbox", "plans", "runs", "agents", "models", "metrics", "history", "logs", "settings", "chat", "bugs", "roles",
)  # fmt: skip
Offers = list[tuple[str, str]]


def _offered(look: Callable[[HubClient], Iterator[tuple[str, str]]], begun: str) -> Offers:
    """Those that begin with what was typed; none where no hub answers: a shell's line is no place for that."""
    try:
        with calls(seconds=SECONDS) as client:
            found = list(look(client))
    except (HubError, httpx.HTTPError, OSError, ValueError, KeyError):
        return []
    return [(word, help) for word, help in found if word.lower().startswith(begun.lower())]


def projects(incomplete: str) -> Offers:
    """Keys of projects."""
    return _offered(
        lambda client: ((row["key"], row["name"]) for row in client.get("/projects", limit=MOST)), incomplete
    )


def tasks(incomplete: str) -> Offers:
    """Keys of tasks that contain what was typed, the newest first."""
    asked = {"text": incomplete} if incomplete else {}
    return _offered(
        lambda client: (
            (row["key"], row["title"]) for row in client.get("/tasks", limit=MOST, sort="-updated_at", **asked)
        ),
        incomplete,
    )


def runs(incomplete: str) -> Offers:
    """Ids of runs, and keys of tasks, which mean their newest run."""
    return tasks(incomplete) + _offered(
        lambda client: (
            (row["id"], f"{row['task_key'] or 'plan'} {row['stage']}") for row in client.get("/runs", limit=50)
        ),
        incomplete,
    )


def plans(incomplete: str) -> Offers:
    """Numbers of plans."""
    return _offered(
        lambda client: ((str(row["id"]), row["summary"]) for row in client.get("/plans", limit=50)), incomplete
    )


def items(incomplete: str) -> Offers:
    """Keys of what waits in the inbox."""
    return _offered(
        lambda client: ((row["key"], row["title"]) for row in client.get("/inbox", limit=MOST)["items"]), incomplete
    )


def pausable(incomplete: str) -> Offers:
    """Everything, projects and tasks."""
    return _words([("everything", "all projects")], incomplete) + projects(incomplete) + tasks(incomplete)


def budgeted(incomplete: str) -> Offers:
    """Today, projects, and tasks, which mean their newest run."""
    return _words([("today", "all models of a day")], incomplete) + projects(incomplete) + tasks(incomplete)


def openable(incomplete: str) -> Offers:
    """Views of the page, projects and tasks."""
    return _words([(view, "") for view in VIEWS], incomplete) + projects(incomplete) + tasks(incomplete)


def _words(words: Offers, begun: str) -> Offers:
    return [(word, told) for word, told in words if word.startswith(begun.lower())]


def logs(incomplete: str) -> Offers:
    """Names of logs."""
    return _offered(lambda client: ((row["name"], "") for row in client.get("/logs")), incomplete)


def settings(incomplete: str) -> Offers:
    """Names of settings."""
    return _offered(
        lambda client: ((row["name"], row["variable"]) for row in client.get("/settings")["settings"]), incomplete
    )
