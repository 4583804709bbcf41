"""The parts of a backup by themselves: branches at one moment, settings, the passphrase, the exchange of folders."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from services.backup.errors import BackupDamaged, PassphraseRefused
from services.backup.facts import Branch
from services.backup.repositories import settled
from services.backup.secrets import check_passphrase, lock, unlock
from services.backup.settings_file import merged
from services.backup.swap import JOURNAL, Move, exchange, finish_interrupted, is_interrupted
from services.stack.secrets import read_env_file

A, B, C = "a" * 40, "b" * 40, "c" * 40
HEAD = "refs/heads/wfhub/T-1-1"


@pytest.mark.parametrize(
    ("before", "after", "known", "wanted"),
    [
        ({HEAD: A}, {HEAD: A}, B, A),  # it stood still: what is there, whatever a row says
        ({HEAD: A}, {HEAD: C}, B, B),  # it moved: as the database knew it
        ({HEAD: A}, {HEAD: C}, None, A),  # ... which knew no run yet: as it stood before
        ({HEAD: A}, {}, A, A),  # it was merged and removed after the snapshot
        ({}, {HEAD: C}, B, B),  # it was made between the first look and the snapshot
    ],
)
def test_a_branch_is_as_the_snapshot_knows_it(
    before: dict[str, str], after: dict[str, str], known: str | None, wanted: str
) -> None:
    assert settled(before, after, {"wfhub/T-1-1": Branch("T-1", "wfhub/T-1-1", None, known)}) == {HEAD: wanted}


def test_what_the_snapshot_does_not_know_is_left_out_and_the_rest_stays() -> None:
    after = {HEAD: C, "refs/wfhub/checkpoints/x": B, "refs/remotes/workspace/main": B}
    assert settled({"refs/remotes/workspace/main": A}, after, {}) == {
        "refs/wfhub/checkpoints/x": B,
        "refs/remotes/workspace/main": B,
    }


def test_secrets_come_along_and_what_means_this_machine_stays(tmp_path: Path) -> None:
    here = "# mine\nWFHUB_TOKEN=old\nMAIN_API_PORT=9000\nexport WFHUB_SECRET_KEY=older\nGIT_USER_NAME=Me\n"
    brought = {
        "WFHUB_TOKEN": "new", "WFHUB_SECRET_KEY": "k=", "OPENAI_API_KEY": "it's a \\ 'key' #1", "MAIN_API_PORT": "1",
        "WFHUB_HOME": "/elsewhere", "DATABASE_URL": "postgresql://x", "GIT_USER_NAME": "You", "DEFAULT_MODEL": "m/x:1b",
    }  # fmt: skip
    file = tmp_path / ".env"
    file.write_text(merged(here, brought))
    assert file.read_text().startswith("# mine\n")
    assert read_env_file(file) == {
        "WFHUB_TOKEN": "new", "WFHUB_SECRET_KEY": "k=", "OPENAI_API_KEY": "it's a \\ 'key' #1",
        "MAIN_API_PORT": "9000", "GIT_USER_NAME": "Me", "DEFAULT_MODEL": "m/x:1b",
    }  # fmt: skip


def test_the_passphrase_opens_the_secrets_and_binds_them_to_their_backup() -> None:
    locked = lock("correct horse battery", {"WFHUB_TOKEN": "t0k3n-of-mine"}, b"hash")
    assert b"t0k3n" not in locked
    assert unlock("correct horse battery", locked, b"hash") == {"WFHUB_TOKEN": "t0k3n-of-mine"}
    with pytest.raises(PassphraseRefused, match="not the passphrase"):
        unlock("correct horse batterz", locked, b"hash")
    with pytest.raises(BackupDamaged, match="changed after"):
        unlock("correct horse battery", locked, b"other")
    with pytest.raises(PassphraseRefused, match="fewer than 12"):
        check_passphrase("short")


def _hub(root: Path) -> list[Move]:
    for name in ("here/a", "here/b", "fresh/a", "fresh/c", "backups"):
        (root / name).mkdir(parents=True)
        (root / name / "text").write_text(name)
    here, fresh, aside = root / "here", root / "fresh", root / "aside"
    return [
        Move(str(here / "a"), str(fresh / "a"), str(aside / "a")),
        Move(str(here / "b"), "", str(aside / "b")),
        Move(str(here / "c"), str(fresh / "c"), str(aside / "c")),
    ]


def _files(root: Path) -> set[str]:
    return {str(path.parent.relative_to(root)) for path in root.glob("*/*/text")}


def test_all_parts_are_exchanged(tmp_path: Path) -> None:
    exchange(tmp_path / "backups", _hub(tmp_path))
    assert _files(tmp_path) == {"here/a", "here/c", "aside/a", "aside/b"}
    assert (tmp_path / "here/a/text").read_text() == "fresh/a"
    assert not is_interrupted(tmp_path / "backups")


def test_an_exchange_that_fails_leaves_the_old_state(tmp_path: Path) -> None:
    moves = _hub(tmp_path)
    before = _files(tmp_path)
    (tmp_path / "here/c").write_text("in the way")
    (tmp_path / "aside").mkdir()
    (tmp_path / "aside/c").mkdir()
    with pytest.raises(OSError):
        exchange(tmp_path / "backups", moves)
    assert _files(tmp_path) == before
    assert not (tmp_path / "backups" / JOURNAL).exists()


@pytest.mark.parametrize("at", [1, 2, 3, 4, 5])
def test_an_exchange_that_is_killed_is_finished_later(tmp_path: Path, at: int) -> None:
    """Killed right after its n-th rename, the journal's own being the first."""
    _hub(tmp_path)
    program = (
        "import os, pathlib, signal, sys; from services.backup.swap import *; n = 0\n"
        "def counted(real):\n"
        "    def move(*args):\n"
        "        global n; real(*args); n += 1\n"
        f"        if n == {at}: os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return move\n"
        "pathlib.Path.rename, pathlib.Path.replace = counted(pathlib.Path.rename), counted(pathlib.Path.replace)\n"
        "r = sys.argv[1]; h, f, a = r + '/here/', r + '/fresh/', r + '/aside/'\n"
        "exchange(pathlib.Path(r + '/backups'), [Move(h + 'a', f + 'a', a + 'a'), Move(h + 'b', '', a + 'b'),"
        " Move(h + 'c', f + 'c', a + 'c')])"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(tmp_path)], env={**os.environ}, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert finish_interrupted(tmp_path / "backups", lambda _: False), "there were no rows to ask for"
    assert _files(tmp_path) - {"backups"} == {"here/a", "here/c", "aside/a", "aside/b"}
    assert (tmp_path / "here/a/text").read_text() == "fresh/a"


def test_an_exchange_that_is_interrupted_by_key_is_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moves: list[Move] = []
    for name in ("first", "second"):
        for kind in ("place", "new"):
            (tmp_path / f"{name}.{kind}").write_text(kind)
        moves.append(Move(*(str(tmp_path / f"{name}.{kind}") for kind in ("place", "new", "aside"))))
    rename = Path.replace

    def interrupted(path: Path, target: Path) -> Path:
        if path.name == "second.new":
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        exchange(tmp_path, moves)
    assert [(tmp_path / f"{name}.place").read_text() for name in ("first", "second")] == ["place"] * 2
    assert [(tmp_path / f"{name}.new").read_text() for name in ("first", "second")] == ["new"] * 2
    assert not (tmp_path / JOURNAL).exists()


@pytest.mark.parametrize("took", [True, False])
def test_an_exchange_with_rows_is_ended_as_the_database_ended_it(tmp_path: Path, took: bool) -> None:
    moves, before, asked = _hub(tmp_path), _files(tmp_path), list[str]()

    def broken() -> None:
        raise ConnectionError

    def answer(mark: str) -> bool:
        asked.append(mark)
        return took

    with pytest.raises(ConnectionError):
        exchange(tmp_path / "backups", moves, "a mark", broken)
    assert is_interrupted(tmp_path / "backups") and _files(tmp_path) == before
    assert finish_interrupted(tmp_path / "backups", answer) == took and asked == ["a mark"]
    assert ("here/c" in _files(tmp_path)) == took and (_files(tmp_path) == before) != took


def test_what_a_version_without_marks_wrote_down_is_finished(tmp_path: Path) -> None:
    listed = [asdict(move) for move in _hub(tmp_path)]
    (tmp_path / "backups" / JOURNAL).write_text(json.dumps(listed))
    assert finish_interrupted(tmp_path / "backups", lambda _: False)
    assert "here/c" in _files(tmp_path)
