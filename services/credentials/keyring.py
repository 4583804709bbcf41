"""The keys that stored secrets are encrypted with: the present one, and while a rotation is under way those before.

The cipher is loaded when the first secret is met: it takes 7 MB, and most hubs store none.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from services.credentials.errors import CredentialUnreadable

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

_USE = b"workflow-hub stored secrets 1"  # keeps this use of WFHUB_SECRET_KEY apart from the signing of run tokens
SEAL = b"wfhub-sealed-1:"


class Keyring:
    """`secret` is WFHUB_SECRET_KEY, `before` are WFHUB_SECRET_KEYS_BEFORE. Encrypts with the first, opens with any."""

    def __init__(self, secret: str, before: Sequence[str] = ()) -> None:
        self._secrets = (secret, *before)
        self.key_id = hashlib.sha256(_USE + secret.encode()).hexdigest()[:12]

    @cached_property
    def _fernet(self) -> "MultiFernet":
        from cryptography.fernet import Fernet, MultiFernet

        return MultiFernet([Fernet(_derived(secret)) for secret in self._secrets])

    def encrypt(self, value: str) -> str:
        return self._fernet.encrypt(value.encode()).decode()

    def decrypt(self, encrypted: str) -> str:
        """Raises CredentialUnreadable."""
        return self._open(encrypted.encode()).decode()

    def seal(self, data: bytes) -> bytes:
        """For bytes that may also be stored as they are: a mark tells which was done."""
        return SEAL + self._fernet.encrypt(data)

    def unseal(self, data: bytes) -> bytes:
        """The bytes that `seal` took; what has no mark is given back. Raises CredentialUnreadable."""
        return self._open(data.removeprefix(SEAL)) if data.startswith(SEAL) else data

    def _open(self, token: bytes) -> bytes:
        from cryptography.fernet import InvalidToken

        try:
            return self._fernet.decrypt(token)
        except InvalidToken as error:
            raise CredentialUnreadable(
                "A stored secret can't be opened: the key it was encrypted with is gone.",
                "Put that WFHUB_SECRET_KEY back into .env (a backup has it), or delete the credential and add it anew.",
            ) from error


def _derived(secret: str) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return urlsafe_b64encode(HKDF(SHA256(), 32, salt=None, info=_USE).derive(secret.encode()))
