"""What was done lately: the newest commits, and the files that they touched."""

from dataclasses import dataclass

from services.repos.depot import Depot, revision

COMMITS = 10
MOST_BYTES = 64_000  # of git's answer: a first commit may name any number of files


@dataclass(frozen=True, slots=True)
class RecentWork:
    """`commits` are ids and subjects, the newest first; `files` each once, those touched last first."""

    commits: tuple[tuple[str, str], ...] = ()
    files: tuple[str, ...] = ()


async def recent_work(depot: Depot, project_id: int, head: str) -> RecentWork:
    """Of a commit or a branch of the mirror; a merge counts as what it brought. Remembered for commits."""

    async def ask(head: str, _same: str) -> RecentWork:
        args = ("log", f"-{COMMITS}", "--first-parent", "-m", "--name-only", "-z", "--format=%x01%H %s", head)
        said = await depot.git.run(depot.bare(project_id), *args, limit=MOST_BYTES)
        text = said.stdout.decode("utf-8", "replace")
        told = text[: text.rfind("\0")] if said.cut else text
        commits: list[tuple[str, str]] = []
        files: dict[str, None] = {}
        for entry in told.split("\x01")[1:]:
            about, *names = entry.split("\0")
            sha, _, subject = about.partition(" ")
            commits.append((sha, subject.strip()))
            files.update(dict.fromkeys(name.strip("\n") for name in names if name.strip("\n")))
        return RecentWork(tuple(commits), tuple(files))

    return await depot.fact("recent", project_id, revision(head), revision(head), ask)
