"""Git calls in the person's own repository, with the filters its configuration names switched off."""

from pathlib import Path

from services.repos.git import Git, Where

PROGRAMS = r"^(filter\..*\.(clean|smudge|process|required)|merge\..*\.driver|diff\..*\.(command|textconv))$"


async def person(git: Git, folder: Path) -> Where:
    """For calls that read or write files of the checkout at `folder`.

    Filters have names of their own, so they are asked for first and overridden one by one: an empty command leaves the
    content as it is. Files of git-lfs and git-crypt are therefore written as they are stored.
    """
    where = Where(folder)
    output = await git.run(where, "config", "-z", "--name-only", "--get-regexp", PROGRAMS, ok=(0, 1))
    off = {name: "false" if name.endswith(".required") else "" for name in output.names}
    return Where(folder, config=tuple(off.items()))
