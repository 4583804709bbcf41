"""A commit goes to the person's remote by their own git: never forced, never over what others pushed, never asking."""

from pathlib import Path

import pytest

from services.repos.errors import PushOffline, PushRefused
from services.repos.repos import Repos
from tests.integration.repos.conftest import Person


@pytest.fixture
def remote(person: Person, tmp_path: Path) -> Person:
    """A bare repository that the person's `origin` points at."""
    person.git("init", "-q", "--bare", "-b", "main", str(tmp_path / "remote.git"))
    person.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    return Person(tmp_path / "remote.git")


async def test_it_is_fast_forwarded_and_done_twice_it_is_there(repos: Repos, person: Person, remote: Person) -> None:
    first = person.head()
    later = person.commit({"later.txt": "x\n"}, "Not meant to go out")
    hook = person.path / ".git" / "hooks" / "pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch ran\nexit 1\n")
    hook.chmod(0o755)
    for _ in range(2):
        await repos.push(person.path, "origin", "main", first)
    assert remote.head() == first and not (person.path / "ran").exists()
    person.git("push", "-q", "--no-verify", "origin", "main")
    await repos.push(person.path, "origin", "main", first)
    assert remote.head() == later, "the remote has it, and more: it stays as it is"


async def test_what_a_person_pushed_themselves_is_seen_where_the_hub_is_not_let_in(
    repos: Repos, person: Person, remote: Person
) -> None:
    """As in containers, which have no credentials: here, a remote whose transport is not to be had."""
    person.git("config", "remote.origin.pushurl", "ssh://git.example.org/till.git")
    person.git("config", "core.sshCommand", "sh -c 'echo git@git.example.org: Permission denied >&2; exit 255'")
    commit = person.head()
    with pytest.raises(PushRefused, match="does not let the hub in") as refused:
        await repos.push(person.path, "origin", "main", commit)
    assert "git push origin main" in refused.value.way_out and "containers" in refused.value.way_out
    person.git("config", "--unset", "remote.origin.pushurl")
    person.git("push", "-q", "origin", "main")
    person.git("config", "remote.origin.pushurl", "ssh://git.example.org/till.git")
    await repos.push(person.path, "origin", "main", commit)


@pytest.mark.parametrize(
    ("case", "error", "words"),
    [
        ("declined", PushRefused, "declined main: not on a Friday; pre-receive hook declined Do"),
        ("behind", PushRefused, "has commits that yours lacks"),
        ("away", PushOffline, "can't be reached"),
        ("no host", PushOffline, "can't be reached"),
        ("no remote", PushRefused, "no remote named origin"),
    ],
)
async def test_what_does_not_go_says_why(
    repos: Repos, person: Person, remote: Person, tmp_path: Path, case: str, error: type[Exception], words: str
) -> None:
    if case == "declined":
        hook = remote.path / "hooks" / "pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\necho 'not on a Friday' >&2\nexit 1\n")
        hook.chmod(0o755)
    elif case == "behind":
        other = Person(tmp_path / "other")
        person.git("push", "-q", "origin", "main")
        person.git("clone", "-q", str(remote.path), str(other.path))
        other.commit({"theirs.txt": "x\n"})
        other.git("push", "-q", "origin", "main")
        person.commit({"mine.txt": "x\n"})
    elif case == "away":
        remote.path.rename(tmp_path / "unplugged")
    elif case == "no host":
        person.git("remote", "set-url", "origin", "http://ada:s3cr3tpassword@127.0.0.1:9/till.git")
    else:
        person.git("remote", "remove", "origin")
    held = person.git("status", "--porcelain"), person.head()
    with pytest.raises(error, match=words) as caught:
        await repos.push(person.path, "origin", "main", person.head())
    assert "s3cr3tpassword" not in f"{caught.value} {caught.value.data}"  # type: ignore[attr-defined]
    assert (person.git("status", "--porcelain"), person.head()) == held
