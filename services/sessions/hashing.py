"""The hash under which a secret is kept. The secrets are random and long: a plain SHA-256 can't be turned back."""

import hashlib


def sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
