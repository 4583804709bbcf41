"""Jobs for executors: a real git worktree, a spec against the model server, and the events that were emitted."""

import asyncio
import hashlib
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent_api.cage.host import probe
from agent_api.cage.policy import CageHost, resolve_cage
from agent_api.executors import Job
from agent_api.settings import AgentSettings
from services.contract.run_result import Artifact
from services.contract.run_spec import CagePolicy, Limits, ModelAccess, RunSpec, StepSettings
from services.redaction import KNOWN

TOKEN = "wfrun-0123456789abcdef"


def agent_settings(tmp_path: Path, **overrides: Any) -> AgentSettings:
    secret = hashlib.sha256(b"owner").hexdigest()
    given = {"wfhub_home": tmp_path / "home", "wfhub_token_sha256": secret, "cage_allow_none": True} | overrides
    return AgentSettings(**given)


def make_repository(folder: Path, files: dict[str, str]) -> Path:
    """A git repository with one commit of these files."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
        identity = ["-c", "user.name=Test", "-c", "user.email=test@localhost"]
        subprocess.run(["git", *identity, *command], cwd=folder, check=True, capture_output=True)
    return folder


@dataclass
class Watched:
    """A job and what it did: `events` as (kind, text, data), `groups` the process groups it announced."""

    job: Job
    events: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    noticed: asyncio.Event = field(default_factory=asyncio.Event)

    def kinds(self) -> list[str]:
        return [kind for kind, _, _ in self.events]

    def of(self, kind: str) -> list[tuple[str, dict[str, Any]]]:
        return [(text, data) for seen, text, data in self.events if seen == kind]


def make_job(
    tmp_path: Path,
    worktree: Path,
    settings: StepSettings,
    gateway_url: str,
    *,
    agent: AgentSettings,
    incarnation: int = 1,
    step: str = "code",
    backend: str = "landlock",
    edit_format: str = "whole",
    host: CageHost | None = None,
    **limits: Any,
) -> Watched:
    bounds = {"gateway_wait_seconds": 5, "run_seconds": 30} | limits
    spec = RunSpec(
        run_id="0190a000-0000-7000-8000-000000000001",
        step=step,
        worktree=str(worktree),
        settings=settings,
        model=ModelAccess(gateway_url=gateway_url, token=TOKEN, model="small-coder", edit_format=edit_format),  # type: ignore[arg-type]
        limits=Limits(**bounds),
        cage=CagePolicy(backend=backend),  # type: ignore[arg-type]
    )
    scratch = tmp_path / "scratch"
    scratch.mkdir(exist_ok=True)
    cage = resolve_cage(backend=backend, tmp=scratch, worktree=worktree, host=host or probe())  # type: ignore[arg-type]
    events: list[tuple[str, str, dict[str, Any]]] = []
    groups: list[int] = []
    noticed = asyncio.Event()

    def emit(kind: Any, text: str = "", **data: Any) -> None:
        events.append((kind, KNOWN(text), KNOWN.value(data)))  # as a real job does
        if kind == "notice":
            noticed.set()

    def keep(name: str, kind: Any, data: bytes, media_type: str) -> Artifact:
        sha256 = hashlib.sha256(data).hexdigest()
        return Artifact(name=name, kind=kind, sha256=sha256, size=len(data), media_type=media_type)

    job = Job(spec, incarnation, agent, scratch, cage, emit, keep, groups.append)
    return Watched(job, events, groups, noticed)
