"""What the hub's git costs over plain git doing the same, at 50,000 files and 10,000 commits: `-m benchmarks.git`.

`--make FOLDER` makes the person's repository there and the hub's home beside it, once; `--at FOLDER` measures with it.
Rounds of both alternate in the same mirror, and the quickest of each counts. Plain git runs with the person's usual
settings off, as the hub's does. Who makes files in a machine's fresh memory pays the kernel for it, once: a first
worktree of each is not counted, and they take turns in coming first. What the hub remembers of commits is forgotten
before each round: it is asked anew. The exit code says whether each bound holds.
"""

import argparse
import asyncio
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from benchmarks.compared import keep
from services.repos.environment import Identity
from services.repos.repos import Repos

FILES, COMMITS = 50_000, 10_000
BOUND, DISK = 1.5, 1.0  # over plain git's time; of a task's disk over its files
WHAT = ("worktree", "checkpoint", "commit", "diff", "dry_merge")
SLOW = {"worktree": 4, "commit": 3}  # rounds of what takes seconds
Both = tuple[tuple[float, float], tuple[float, float]]  # plain git, then the hub
IDENTITY = Identity("Workflow Hub", "hub@example.org")
TASK = {"Task": "B-1"}
VARIABLES = {
    "PATH": os.environ["PATH"], "HOME": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C",
    "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org", "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
}  # fmt: skip
TEXT = "a line as they stand in programs, of some length\n" * 12


def history() -> Iterator[bytes]:
    """For `git fast-import`: all files in the first commit, one of them changed in each that follows."""
    for number in range(COMMITS):
        who = f"Ada <ada@example.org> {1_700_000_000 + number} +0000"
        yield f"commit refs/heads/main\ncommitter {who}\ndata 2\nc\n".encode()
        for file in range(FILES) if number == 0 else (number * 7 % FILES,):
            text = f"file {file} as of {number}\n{TEXT}".encode()
            name = f"package{file // 1000:02}/module{file // 100 % 10}/file{file % 100:02}.py"
            yield f"M 644 inline {name}\ndata {len(text)}\n".encode() + text + b"\n"


def plain(folder: Path, *args: str, stdin: bytes | None = None) -> bytes:
    return subprocess.run(
        ["git", *args], cwd=folder, env=VARIABLES, input=stdin, capture_output=True, check=True
    ).stdout


def make_person(person: Path) -> None:
    person.mkdir(parents=True)
    plain(person, "init", "-q", "-b", "main")
    taking = ["git", "fast-import", "--quiet"]
    with subprocess.Popen(taking, cwd=person, env=VARIABLES, stdin=subprocess.PIPE) as taker:
        assert taker.stdin is not None
        for part in history():
            taker.stdin.write(part)
    plain(person, "reset", "-q", "--hard")


async def make(folder: Path) -> None:
    make_person(folder / "person")
    begun = time.perf_counter()
    await Repos(folder / "home", IDENTITY).ensure_mirror(1, folder / "person", "main")
    print(f"the mirror of {FILES} files and {COMMITS} commits: {time.perf_counter() - begun:.1f} s")


async def timed(work: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    """Seconds that passed, and of the processor: ours and that of ended children."""
    begun = clocks()
    await work()
    return tuple(now - then for now, then in zip(clocks(), begun, strict=True))  # type: ignore[return-value]


def clocks() -> tuple[float, float]:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return time.perf_counter(), sum(one.ru_utime + one.ru_stime for one in used)


class Bench:
    """`base` is the newest commit of main; `changed` a commit on it that changes 200 files, `aside` one beside it."""

    def __init__(self, folder: Path, work: Path) -> None:
        self.repos, self.work = Repos(folder / "home", IDENTITY), work
        self.mirror = self.repos.mirror(1)
        self.base = plain(self.mirror, "rev-parse", "refs/remotes/workspace/main").decode().strip()
        self.changed, self.aside = self._commit(range(0, 20_000, 100)), self._commit(range(50, 10_000, 100))
        self.number = 0

    def _commit(self, files: range) -> str:
        index = {"GIT_INDEX_FILE": str(self.work / "index")}
        blob = plain(self.mirror, "hash-object", "-w", "--stdin", stdin=b"changed\n" * 14).decode().strip()
        lines = "".join(
            f"100644 {blob}\tpackage{n // 1000:02}/module{n // 100 % 10}/file{n % 100:02}.py\n" for n in files
        )
        for args, stdin in (("read-tree", self.base), None), (("update-index", "--index-info"), lines.encode()):
            subprocess.run(["git", *args], cwd=self.mirror, env=VARIABLES | index, input=stdin, check=True)
        wrote = subprocess.run(["git", "write-tree"], cwd=self.mirror, env=VARIABLES | index, capture_output=True)
        args = ("commit-tree", "-p", self.base, "-m", "changed", wrote.stdout.decode().strip())
        return plain(self.mirror, *args).decode().strip()

    async def by_git(self, *args: str) -> None:
        process = await asyncio.create_subprocess_exec(
            "git", *args, cwd=self.mirror, env=VARIABLES, stdout=asyncio.subprocess.PIPE
        )
        await process.communicate()
        assert process.returncode == 0, args

    async def worktree(self) -> Both:
        """A task's checkout, made and taken away again."""
        self.number += 1
        key, path = f"B-{time.time_ns()}", self.work / f"plain-{self.number}"
        args = ("worktree", "add", "-q", "-b", f"plain-{time.time_ns()}", str(path), self.base)

        async def by_git() -> tuple[float, float]:
            taken = await timed(lambda: self.by_git(*args))
            plain(self.mirror, "worktree", "remove", "--force", str(path))
            return taken

        async def by_hub() -> tuple[float, float]:
            taken = await timed(lambda: self.repos.open_worktree(1, key, f"wfhub/{key}-1", self.base))
            await self.repos.drop_checkout(1, key)
            return taken

        if self.number % 2:
            return await by_git(), await by_hub()
        hub = await by_hub()
        return await by_git(), hub

    async def checkpoint(self) -> Both:
        self.number += 1
        tree = await self.repos.open_worktree(1, "KEPT-1", "wfhub/KEPT-1-1", self.base)
        args = ("update-ref", f"refs/plain/{self.number}", "refs/heads/wfhub/KEPT-1-1")
        git = await timed(lambda: self.by_git(*args))
        return git, await timed(lambda: self.repos.checkpoint(tree, f"run-{time.time_ns()}"))

    async def commit(self) -> Both:
        """Of two changed files and a new one."""
        tree = await self.repos.open_worktree(1, "KEPT-1", "wfhub/KEPT-1-1", self.base)

        def edit() -> None:
            for name in ("package01/module1/file01.py", "package02/module1/file01.py", f"new-{time.time_ns()}.py"):
                (tree.path / name).write_text(f"{time.time_ns()}\n")

        async def by_git() -> None:
            await self.by_git("-C", str(tree.path), "add", "--all")
            await self.by_git("-C", str(tree.path), "commit", "-q", "-m", "Change")

        edit()
        git = await timed(by_git)
        edit()
        return git, await timed(lambda: self.repos.commit_all(tree, "Change", TASK))

    async def diff(self) -> Both:
        """The list of 200 changed files with their lines, and the patch."""
        args = ("diff", "-M", "--raw", "--numstat", "-p", self.base, self.changed)
        git = await timed(lambda: self.by_git(*args))
        return git, await timed(lambda: self.repos.diff(1, self.base, self.changed))

    async def dry_merge(self) -> Both:
        self.repos.depot.facts.clear()
        args = ("merge-tree", "--write-tree", "--name-only", self.aside, self.changed)
        git = await timed(lambda: self.by_git(*args))
        return git, await timed(lambda: self.repos.dry_merge(1, self.changed, self.aside))

    async def disk(self) -> bool:
        """Whether its bound holds."""
        tree = await self.repos.open_worktree(1, "KEPT-1", "wfhub/KEPT-1-1", self.base)
        files, own = _bytes(tree.path), _bytes(tree.admin)
        index = (tree.admin / "index").stat().st_size
        told = f"{files / 1e6:.0f} MB of files, {own / 1e6:.2f} MB beside them ({index / 1e6:.2f} of it git's index)"
        over = (files + own) / files
        print(f"disk of a task: {told}, objects shared: {over:.3f} of the files {_bound(over, DISK)}")
        return over <= DISK


def _bound(value: float, bound: float) -> str:
    return f"(≤ {bound:g}){'' if value <= bound else ' MISSED'}"


def _bytes(folder: Path) -> int:
    found = (Path(place) / name for place, _, names in os.walk(folder) for name in names)
    return sum(path.lstat().st_blocks * 512 for path in found)


async def measure(folder: Path, rounds: int, wanted: list[str]) -> bool:
    held = True
    with tempfile.TemporaryDirectory(dir=folder) as work:
        bench = Bench(folder, Path(work))
        for what in wanted:
            if what == "worktree":
                await bench.worktree()
            times = [await getattr(bench, what)() for _ in range(min(rounds, SLOW.get(what, rounds)))]
            (git, git_used), (hub, hub_used) = (map(min, zip(*side, strict=True)) for side in zip(*times, strict=True))
            keep(f"{what}, 50,000 files", "plain git", hub * 1000, git * 1000, "ms")
            ratio = hub / git
            held &= ratio <= BOUND
            passed = f"git {git * 1000:.1f} ms, the hub {hub * 1000:.1f} ms, ratio {ratio:.2f} {_bound(ratio, BOUND)}"
            print(f"{what}: {passed}; of processor {git_used * 1000:.1f}, {hub_used * 1000:.1f} ms", flush=True)
        if "commit" in wanted:
            held &= await bench.disk()
    return held


async def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.git", description=__doc__)
    parser.add_argument("--make", type=Path)
    parser.add_argument("--at", type=Path)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", choices=WHAT, help="one of them")
    told = parser.parse_args()
    wanted = [told.only] if told.only else [*WHAT]
    if told.make:
        await make(told.make)
        return 0
    if told.at:
        held = await measure(told.at, told.rounds, wanted)
    else:
        folder = Path(tempfile.mkdtemp())
        try:
            await make(folder)
            held = await measure(folder, told.rounds, wanted)
        finally:
            shutil.rmtree(folder)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
