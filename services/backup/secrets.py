"""The hub's secrets in a backup: locked with a passphrase (scrypt, AES-256-GCM)."""

import json
import os
from collections.abc import Mapping

from services.backup.errors import BackupDamaged, PassphraseRefused

LEAST = 12  # characters
MAGIC = b"wfhub-secrets-1\n"
SALT, NONCE = 16, 12
# 128 MB and about half a second for each guess.
COST = {"n": 1 << 17, "r": 8, "p": 1}


def check_passphrase(text: str) -> str:
    """`text` if it may lock a backup."""
    if len(text) < LEAST:
        raise PassphraseRefused(
            f"The passphrase has fewer than {LEAST} characters.", "Take a longer one: a few words will do."
        )
    return text


def lock(passphrase: str, secrets: Mapping[str, str], manifest: bytes) -> bytes:
    """The secrets, and with them the hash of the backup's list, so that neither can be exchanged alone."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # only where there are secrets to lock

    salt, nonce = os.urandom(SALT), os.urandom(NONCE)
    text = json.dumps({"secrets": dict(secrets), "manifest": manifest.hex()}).encode()
    return MAGIC + salt + nonce + AESGCM(_key(passphrase, salt)).encrypt(nonce, text, MAGIC)


def unlock(passphrase: str, locked: bytes, manifest: bytes) -> dict[str, str]:
    """Raises PassphraseRefused for another passphrase, BackupDamaged where the backup was changed since."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    start = len(MAGIC) + SALT + NONCE
    if not locked.startswith(MAGIC) or len(locked) < start:
        raise BackupDamaged("The backup's secrets can't be read.", "Take another backup.")
    salt, nonce = locked[len(MAGIC) : len(MAGIC) + SALT], locked[len(MAGIC) + SALT : start]
    try:
        text = AESGCM(_key(passphrase, salt)).decrypt(nonce, locked[start:], MAGIC)
    except InvalidTag as error:
        raise PassphraseRefused(
            "That is not the passphrase of this backup, or its secrets are damaged.",
            "Try again; without it, --without-secrets brings back all but the secrets.",
        ) from error
    found = json.loads(text)
    if found["manifest"] != manifest.hex():
        raise BackupDamaged("The backup was changed after it was made.", "Take another backup.")
    return found["secrets"]


def _key(passphrase: str, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt=salt, length=32, **COST).derive(passphrase.encode())
