"""Makes `.env` with fresh random secrets, reads it, and refuses placeholders."""

import base64
import binascii
import os
import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from dotenv import dotenv_values

from services.stack.errors import HomeUnusable, SecretRefused

HEADER = "# Made by start.sh; only you can read it. Every setting is explained in .env.example.\n"
PORTS = {"MAIN_API_PORT": "8002", "AGENT_API_PORT": "8001"}
# Words too long to turn up in a random text.
PLACEHOLDER = re.compile(r"change|replace|example|placeholder|secret|password|default|insecure|<.*>", re.I)


def ensure_env_file(path: Path, environ: Mapping[str, str], say: Callable[[str], None] = lambda sentence: None) -> bool:
    """Make `path` hold the secrets that `environ` lacks, readable by its owner only. True when it was written.

    What a person wrote there stays; rights that are too wide are taken away, and `say` tells it. Raises HomeUnusable
    when the file cannot be written.
    """
    fresh = {"WFHUB_TOKEN": secrets.token_urlsafe(32), "WFHUB_SECRET_KEY": fernet_key()}
    try:
        if not path.exists():
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(HEADER + _lines({name: v for name, v in fresh.items() if not environ.get(name)} | PORTS))
            return True
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
            say(
                f"Other users of this machine could open {path}: now only you can. If one of them may have, "
                "give it new secrets: wf secrets rotate, wf token rotate."
            )
        present = read_env_file(path)
        missing = {name: v for name, v in fresh.items() if not present.get(name) and not environ.get(name)}
        if not missing:
            return False
        text = path.read_text(encoding="utf-8")
        with path.open("a", encoding="utf-8") as file:
            file.write(("" if text.endswith("\n") or not text else "\n") + _lines(missing))
    except OSError as error:
        raise HomeUnusable(f"{path} cannot be written: {error.strerror}.", "Give yourself the right to.") from error
    return True


def read_env_file(path: Path) -> dict[str, str]:
    """The settings of `path`; an absent file has none. Names without a value are left out."""
    return {name: value for name, value in dotenv_values(path, interpolate=False).items() if value}


def check_secrets(environment: Mapping[str, str]) -> None:
    """Raise SecretRefused unless token and key are there and could not be guessed."""
    token, key = environment.get("WFHUB_TOKEN", ""), environment.get("WFHUB_SECRET_KEY", "")
    for name, value in (("WFHUB_TOKEN", token), ("WFHUB_SECRET_KEY", key)):
        if len(value) < 32 or len(set(value)) < 10 or PLACEHOLDER.search(value):
            raise SecretRefused(f"{name} is missing, short or a placeholder.", _way_out(name))
    try:
        if len(base64.urlsafe_b64decode(key)) != 32:
            raise SecretRefused("WFHUB_SECRET_KEY is not 32 bytes in base64.", _way_out("WFHUB_SECRET_KEY"))
    except (binascii.Error, ValueError) as error:
        raise SecretRefused("WFHUB_SECRET_KEY is not base64.", _way_out("WFHUB_SECRET_KEY")) from error


def _way_out(name: str) -> str:
    return f"Remove its line from .env (and unset it where you export it): the next start makes a random {name}."


def fernet_key() -> str:
    """32 random bytes, as Fernet reads them."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _lines(values: Mapping[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in values.items())
