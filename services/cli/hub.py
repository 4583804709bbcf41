"""The hub this terminal means: its settings and its stack."""

import os
from pathlib import Path

from services.stack.local import LocalStack, Say
from services.stack.secrets import check_secrets, ensure_env_file
from services.stack.settings import StackSettings, find_root
from services.stack.table import table


def settings_to_start(workspace: Path | None = None) -> StackSettings:
    """Settings with secrets in them; the first call makes `.env`. `workspace` wins over WORKSPACES_DIR."""
    root = find_root(os.environ)
    ensure_env_file(root / ".env", os.environ)
    chosen = {"WORKSPACES_DIR": str(workspace.absolute())} if workspace else {}
    settings = StackSettings.load(root, {**os.environ, **chosen})
    check_secrets(settings.environment)
    return settings


def settings_to_look() -> StackSettings:
    """Settings as they are; nothing is made."""
    return StackSettings.load(find_root(os.environ), os.environ)


def stack(settings: StackSettings, scenario: Path | None = None, say: Say = lambda sentence: None) -> LocalStack:
    """The local processes. `scenario` brings the scripted model along."""
    return LocalStack(settings, table(settings, scenario), say=say)
