"""The hub's own things: settings, folders, database, Aider's environment, the page."""

import os
from pathlib import Path

from services.domain.errors import HubError
from services.stack.checks import Check
from services.stack.secrets import check_secrets
from services.stack.settings import StackSettings


def check_settings(settings: StackSettings) -> Check:
    """`.env` and the two secrets in force. Without one, a start makes it."""
    file = settings.root / ".env"
    if not any(settings.environment.get(name) for name in ("WFHUB_TOKEN", "WFHUB_SECRET_KEY")):
        return Check("settings", "ok", f"the first start writes random secrets to {file}")
    try:
        check_secrets(settings.environment)
    except HubError as error:
        return Check("settings", "bad", error.sentence, error.way_out)
    if file.exists() and file.stat().st_mode & 0o077:
        way_out = "The next start takes that away; or: chmod 600 .env. Were others there? wf secrets rotate."
        return Check("settings", "warn", f"Other users of this machine can read {file}, which holds secrets.", way_out)
    return Check("settings", "ok", f"{file}" if file.exists() else "from the environment")


def check_folders(settings: StackSettings) -> list[Check]:
    return [
        _check_folder("data", settings.home, "WFHUB_HOME"),
        _check_folder("workspaces", settings.workspaces, "WORKSPACES_DIR"),
    ]


def _check_folder(name: str, folder: Path, setting: str) -> Check:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir():
        return Check(name, "bad", f"{there} is in the way: it is no folder.", f"Move it, or set {setting} in .env.")
    if not os.access(there, os.W_OK | os.X_OK):
        way_out = f"Give yourself the right to, or set {setting} in .env to a folder of yours."
        return Check(name, "bad", f"{there} can't be written.", way_out)
    return Check(name, "ok", f"{folder}" if folder.exists() else f"{folder} is made by the start")


def check_database(url: str) -> Check:
    """Of local processes. One that is behind is brought up to date by a start; a newer one can't be used."""
    from services.store.migrate import current_revision, known_revisions, newest_revision  # takes a while to import

    try:
        at = current_revision(url)
    except HubError as error:
        return Check("database", "bad", error.sentence, error.way_out or "Look whether it runs: DATABASE_URL in .env.")
    if at is None:
        return Check("database", "ok", "made by the first start")
    if at not in known_revisions():
        way_out = "Update the checkout (./start.sh update), or bring a backup of before back: ./start.sh restore FILE."
        return Check("database", "bad", f"A newer version of the hub has used the database (revision {at}).", way_out)
    if at != newest_revision():
        return Check(
            "database", "ok", f"at revision {at}: the next start brings it to {newest_revision()}, a backup first"
        )
    return Check("database", "ok", f"up to date (revision {at})")


def check_aider(settings: StackSettings) -> Check:
    python = Path(settings.environment.get("AIDER_PYTHON") or settings.root / ".venv-aider" / "bin" / "python")
    if python.is_file():
        return Check("aider", "ok", f"its environment is {python.parent.parent}")
    return Check("aider", "bad", "Aider's environment is missing.", "Run ./start.sh, which makes it.")


def check_page(root: Path) -> Check:
    if (root / "static" / "dist" / "chat.html").is_file():
        return Check("page", "ok", "built")
    way_out = "Run ./start.sh, which builds it and says why where it can't."
    return Check("page", "warn", "The page is not built: the hub has its API and wf only.", way_out)
