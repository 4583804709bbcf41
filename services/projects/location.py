"""Which folder a workspace path means, and which folders no project may have."""

from pathlib import Path

from services.domain.errors import InvalidInput
from services.projects.errors import WorkspaceForbidden


def locate(workspace_path: str, workspaces_dir: Path, home: Path) -> Path:
    """The absolute, resolved folder. Absolute paths are taken as they are, others are under `workspaces_dir`.

    Raises InvalidInput for an empty path or one with `..`, WorkspaceForbidden for the hub's own folders (`home` is
    WFHUB_HOME) and for a relative path that a link leads elsewhere.
    """
    text = workspace_path.strip()
    try:
        given = Path(text).expanduser()
    except RuntimeError:
        given = Path()  # ~somebody whom this machine does not know
    if not text or "\0" in text or ".." in given.parts or given == Path():
        raise InvalidInput(
            f"The workspace path {workspace_path!r} can't be used.",
            "Give an absolute path, or a folder's name under WORKSPACES_DIR, without '..'.",
        )
    root, hub = workspaces_dir.resolve(), home.resolve()
    path = (root / given).resolve()
    if not given.is_absolute() and root not in path.parents:
        raise WorkspaceForbidden(
            f"{workspace_path} leads out of {root}.", "Give the absolute path of the folder that is meant."
        )
    if path == hub or hub in path.parents:
        raise WorkspaceForbidden(f"{path} belongs to the hub itself.", "Choose another folder.")
    for own in (root, hub):
        if path == own or path in own.parents:
            raise WorkspaceForbidden(f"{path} holds the hub's own folder {own}.", "Choose a folder beside or below it.")
    return path
