"""Every attack on the cage and on the tools' confinement: what is tried, what shows that it worked, what stops it.

`python -m tests.support.caged_attacks BACKEND` (or this file on standard input) runs the list on the machine it is
started on and prints JSON: by the attack's name whether it went through. The host's tests and the container's share it.
"""

import asyncio
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from agent_api.cage.host import choose, probe
from agent_api.cage.policy import CageLimits, resolve_cage
from agent_api.cage.run import run_caged
from agent_api.confine import Workspace
from agent_api.errors import HubError

SIGN = "crown-jewels"


@dataclass(frozen=True)
class Attack:
    """`line` is run by bash in the worktree; it went through when SIGN is in its output, or in the file `leaves`
    (relative to the worktree's parent). `stopped_by` says what holds it."""

    line: str
    stopped_by: str
    leaves: str = ""


_OUT = "a mount namespace or Landlock: nothing beside the worktree and system folders is there"
_SECRET = "secrets of the worktree are covered by an empty file that nobody may open"
_VIEW = "no other process is in view"
_GIT = "git's data is read-only in the cage, and the hub's own git takes no hooks, filters or programs from it"
ATTACKS = {
    "dot dot": Attack("cat ../secret.txt", _OUT),
    "an absolute path": Attack('cat "$OUTSIDE/secret.txt"', _OUT),
    "a symlink out": Attack('ln -s "$OUTSIDE" out; cat out/secret.txt', _OUT),
    "a hard link out": Attack('ln "$OUTSIDE/secret.txt" hard; cat hard', _OUT),
    "/proc/self/root": Attack('cat "/proc/self/root$OUTSIDE/secret.txt"', _OUT),
    "/proc/self/cwd": Attack("cat /proc/self/cwd/../secret.txt", _OUT),
    "another process's root": Attack('cat "/proc/$AGENT/root$OUTSIDE/secret.txt"', _VIEW),
    "agent-api's environment": Attack(f'grep -qa PATH= "/proc/$AGENT/environ" && echo {SIGN}', _VIEW),
    "writing beside the worktree": Attack(f"echo {SIGN} >../left", _OUT, leaves="left"),
    "writing through a symlink": Attack(f'ln -s "$OUTSIDE/left" l; echo {SIGN} >l', _OUT, leaves="left"),
    "an archive with a path out": Attack(f"echo {SIGN} >left; tar -cPf a.tar --transform s,^,../, left; tar -xPf a.tar",
                                         _OUT, leaves="left"),
    "an archive with a symlink out": Attack(
        f"mkdir x; ln -s .. x/up; tar -cf a.tar -C x up; tar -xf a.tar; echo {SIGN} >up/left", _OUT, leaves="left"),
    "a hook": Attack(f"mkdir .git/hooks; echo 'echo {SIGN}' >.git/hooks/pre-commit; cat .git/hooks/*", _GIT),
    "core.fsmonitor": Attack(f"git config core.fsmonitor 'echo {SIGN}'; cat .git/config", _GIT),
    "core.sshCommand": Attack(f"git config core.sshCommand 'echo {SIGN}'; cat .git/config", _GIT),
    "a filter of .gitattributes": Attack(f"git config filter.x.clean 'echo {SIGN}'; cat .git/config", _GIT),
    "another .git in its place": Attack(f"mv .git away; mkdir .git; echo {SIGN} >.git/config; cat .git/config", _GIT),
    "the project's .env": Attack("cat .env", _SECRET),
    "the project's .env by another name": Attack("ln .env e; mv .env f; cp .env g; cat e f g", _SECRET),
    "a key in a folder that is renamed": Attack("mv keys k; cat k/server.key", _SECRET),
    "taking the cover off": Attack("umount .env; chmod 777 .env; unshare -rm umount .env; cat .env", _SECRET),
    "a file name with a newline": Attack("cat $'../new\\nline'", _OUT),
    "connecting to the hub": Attack(
        "exec 3<>/dev/tcp/127.0.0.1/$PORT && head -c 12 <&3", "a network of its own, or Landlock and seccomp"),
}  # fmt: skip


def make_place(root: Path) -> Path:
    """A repository with secrets inside and beside it."""
    worktree = root / "worktree"
    (worktree / "keys").mkdir(parents=True)
    for path in ("secret.txt", "new\nline", "worktree/.env", "worktree/keys/server.key"):
        (root / path).write_text(SIGN)
    (worktree / ".git").mkdir()
    (worktree / ".git" / "config").write_text("[core]\n\trepositoryformatversion = 0\n")
    (worktree / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    for folder in ("objects", "refs"):
        (worktree / ".git" / folder).mkdir()
    return worktree


async def went_through(attack: Attack, backend: str, port: int) -> bool:
    host = probe()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        worktree = make_place(root)
        (root / "tmp").mkdir()
        chosen = choose(backend, host, allow_none=backend == "none")  # type: ignore[arg-type]
        cage = resolve_cage(backend=chosen, tmp=root / "tmp", worktree=worktree, host=host)
        given = {"OUTSIDE": str(root), "AGENT": str(os.getpid()), "PORT": str(port), "GIT_CONFIG_NOSYSTEM": "1"}
        done = await run_caged(
            ["bash", "-c", attack.line], cwd=worktree, cage=cage, limits=CageLimits(seconds=20), env=given
        )
        if attack.leaves:
            left = root / attack.leaves
            return left.is_file() and SIGN in left.read_text()
        return SIGN in done.text


async def run_all(backend: str) -> dict[str, bool]:
    """By name, whether each attack went through."""

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(SIGN.encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        at_once = asyncio.Semaphore(3)

        async def one(attack: Attack) -> bool:
            async with at_once:
                return await went_through(attack, backend, port)

        return dict(zip(ATTACKS, await asyncio.gather(*map(one, ATTACKS.values())), strict=True))


PATHS = {
    "dot dot": "../secret.txt",
    "dot dot within": "keys/../../secret.txt",
    "an absolute path": "{root}/secret.txt",
    "a symlink out": "out/secret.txt",
    "a symlink to a file out": "link",
    "/proc/self": "/proc/self/environ",
    "a symlink to /proc/self": "proc/environ",
    "git's data": ".git/config",
    "git's data in capitals": ".GIT/config",
    "git's data by a symlink": "gitlink/config",
    "a secret": ".env",
    "a secret by a symlink": "envlink",
    "a secret by a hard link": "envhard",
    "a newline": "../new\nline",
    "a NUL character": ".env\0.txt",
    "a FIFO": "fifo",
}


def paths_that_opened() -> dict[str, tuple[bool, bool]]:
    """By name, whether a path led to SIGN (or opened what is not for agents) naively, and through Workspace."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        worktree = make_place(root)
        for link, target in (("out", ".."), ("link", "../secret.txt"), ("proc", "/proc/self"), ("gitlink", ".git"),
                             ("envlink", ".env"), (".GIT", ".git")):  # fmt: skip
            (worktree / link).symlink_to(target)
        os.link(worktree / ".env", worktree / "envhard")
        os.mkfifo(worktree / "fifo")
        return {name: (_naive(worktree, path), _ours(worktree, path)) for name, path in
                ((name, path.format(root=root)) for name, path in PATHS.items())}  # fmt: skip


def _naive(worktree: Path, path: str) -> bool:
    try:
        descriptor = os.open(worktree / path.partition("\0")[0], os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return False
    os.close(descriptor)
    return True


def _ours(worktree: Path, path: str) -> bool:
    with Workspace(worktree) as inside:
        try:
            inside.read_bytes(path, 1000)
        except HubError:
            return False
    return True


if __name__ == "__main__":
    print(json.dumps({"caged": asyncio.run(run_all(sys.argv[1])), "paths": paths_that_opened()}))
