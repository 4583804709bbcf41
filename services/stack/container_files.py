"""The folders and secret files that containers are given, with the right owner and mode."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from services.stack.container_settings import ContainerSettings
from services.stack.errors import HomeUnusable

# The hub's data, at one path in every container; agent-api sees those from "agent" on only, "agent" as its whole home.
HUB_FOLDERS = ("run", "logs", "proofs", "runs", "attachments", "locks", "agent", "repos", "worktrees", "agent/logs")


def prepare_folders(settings: ContainerSettings) -> None:
    """Make what is missing. Raises HomeUnusable where a folder belongs to someone the containers do not run as."""
    home = settings.home
    more = (f"agent-{number}{folder}" for number in range(2, settings.agents + 1) for folder in ("", "/logs"))
    for folder in (settings.stack.workspaces, home, *(home / name for name in (*HUB_FOLDERS, *more))):
        _folder(folder, settings)
    for folder in (settings.private, settings.private / "caddy" / "data", settings.private / "caddy" / "config"):
        _folder(folder, settings)
        folder.chmod(0o700)
    home.chmod(0o700)


def write_secrets(settings: ContainerSettings, service: str, values: Mapping[str, str]) -> Path:
    """One `NAME=value` a line, in a file that its container's user alone can read. Answers its path."""
    file = secrets_file(settings, service)
    text = "".join(f"{name}={value}\n" for name, value in values.items())
    write_private(settings, file, text)
    return file


def secrets_file(settings: ContainerSettings, service: str) -> Path:
    return settings.private / f"{service}.env"


def write_private(settings: ContainerSettings, file: Path, text: str) -> None:
    """Rewritten in place and only when it differs: a running container has this very file mounted."""
    if file.exists() and file.read_text(encoding="utf-8") == text:
        return
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(text)
    _own(file, settings)


def kept_secret(settings: ContainerSettings, name: str) -> str:
    """A random secret between our own containers, made at the first start and kept."""
    file = settings.private / name
    if not file.exists():
        write_private(settings, file, secrets.token_urlsafe(32))
    return file.read_text(encoding="utf-8")


def _folder(folder: Path, settings: ContainerSettings) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _own(folder, settings)
    except OSError as error:
        sentence = f"The folder {folder} cannot be used: {error.strerror}."
        raise HomeUnusable(sentence, "Set WFHUB_HOME or WORKSPACES_DIR in .env to folders you can write.") from error


def _own(path: Path, settings: ContainerSettings) -> None:
    owner = path.stat().st_uid
    if owner == settings.uid:
        return
    try:
        os.chown(path, settings.uid, settings.gid)
    except PermissionError as error:
        raise HomeUnusable(
            f"{path} belongs to the user {owner}, and the containers run as {settings.uid}.",
            f"Set HUB_UID={owner} in .env, or give the folder to {settings.uid}.",
        ) from error
