"""Big things as files named by their SHA-256: written once, never changed, checked when read."""

import hashlib
import os
import re
import tempfile
from pathlib import Path

from services.domain.errors import InvalidInput, NotFound


class ProofStore:
    """`WFHUB_HOME/proofs/<first two digits>/<sha256>`. The same bytes are kept once."""

    def __init__(self, home: Path) -> None:
        self.root = home / "proofs"

    def path(self, sha256: str) -> Path:
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            raise InvalidInput("That is no SHA-256 hash.")
        return self.root / sha256[:2] / sha256

    def put(self, data: bytes) -> tuple[str, int]:
        """Stores the bytes so that a crash leaves all of them or none. Answers hash and size."""
        digest = hashlib.sha256(data).hexdigest()
        target = self.path(digest)
        if target.exists():
            return digest, len(data)
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=target.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
        return digest, len(data)

    def get(self, sha256: str) -> bytes:
        path = self.path(sha256)
        if not path.is_file():
            raise NotFound(f"The proof {sha256[:12]} is not in this hub's store.")
        return path.read_bytes()
