"""The list of attacks (tests/support/caged_attacks.py) on this host: each goes through uncaged, and is stopped caged.

tests/containers/test_cage.py runs the same list in agent-api's container. What else the cage must hold (sockets,
signals, floods, fork bombs) is in test_cage_attacks.py; the hub's own git meets hostile repositories in
tests/integration/repos/test_programs.py.
"""

import asyncio
from functools import cache
from pathlib import Path

import pytest

from agent_api.cage.policy import CageLimits
from agent_api.cage.run import run_caged
from agent_api.errors import CageUnavailable
from tests.integration.agent.conftest import make_cage
from tests.support.caged_attacks import ATTACKS, PATHS, SIGN, make_place, paths_that_opened, run_all

pytestmark = pytest.mark.cage
ran = cache(lambda backend: asyncio.run(run_all(backend)))
opened = cache(paths_that_opened)


@pytest.mark.parametrize("backend", ["bubblewrap", "landlock"])
@pytest.mark.parametrize("name", ATTACKS)
def test_what_a_command_tries(name: str, backend: str, tmp_path: Path) -> None:
    make_cage(backend, tmp_path, tmp_path / "tmp")  # skips where the host has no such cage
    assert ran("none")[name], "without a cage it goes through"
    assert not ran(backend)[name], f"not stopped by {ATTACKS[name].stopped_by}"


@pytest.mark.parametrize("name", PATHS)
def test_what_a_path_tries(name: str) -> None:
    assert opened()[name] == (True, False), "a plain open is led there, the tools are not"


async def test_secrets_that_cannot_be_hidden_stop_the_command(tmp_path: Path) -> None:
    """Landlock alone only ever allows: then nothing runs, and the sentence says what to do."""
    worktree = make_place(tmp_path)
    (worktree / ".git" / "config").rename(tmp_path / "config")

    async def cat(**more: tuple[str, ...]) -> bytes:
        cage = make_cage("landlock without namespaces", worktree, tmp_path / "tmp", **more)
        cage = type(cage)(**{name: getattr(cage, name) for name in cage.__dataclass_fields__} | {"protected": ()})
        return (await run_caged(["cat", ".env"], cwd=worktree, cage=cage, limits=CageLimits(seconds=9))).output

    with pytest.raises(CageUnavailable, match=r"\.env.*readable_secrets") as refusal:
        await cat()
    assert "bubblewrap" in refusal.value.way_out
    assert await cat(readable_secrets=("*",)) == SIGN.encode(), "the owner's word"
