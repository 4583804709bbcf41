"""The hub this terminal means: its settings and its stack."""

import os
from pathlib import Path

from services.cli import printing
from services.domain.errors import InvalidInput
from services.stack.choice import Kind
from services.stack.local import LocalStack
from services.stack.secrets import check_secrets, ensure_env_file
from services.stack.settings import StackSettings, find_root
from services.stack.table import table


def settings_to_start(workspace: Path | None = None) -> StackSettings:
    """Settings with secrets in them; the first call makes `.env`. `workspace` wins over WORKSPACES_DIR."""
    root = find_root(os.environ)
    ensure_env_file(root / ".env", os.environ, printing.warning)
    chosen = {"WORKSPACES_DIR": str(workspace.absolute())} if workspace else {}
    settings = StackSettings.load(root, {**os.environ, **chosen})
    check_secrets(settings.environment)
    return settings


def settings_to_look() -> StackSettings:
    """Settings as they are; nothing is made."""
    return StackSettings.load(find_root(os.environ), os.environ)


def kind(local: bool, containers: bool) -> Kind | None:
    """What --local and --containers ask for; None leaves the choice to the machine."""
    if local and containers:
        raise InvalidInput("--local and --containers exclude each other.", "Give one of them, or none.")
    return "local" if local else "containers" if containers else None


def local_stack(settings: StackSettings) -> LocalStack:
    """The local processes, whether they run or not."""
    return LocalStack(settings, table(settings))
