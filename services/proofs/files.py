"""Where proofs lie: files named by their hash under WFHUB_HOME/proofs."""

from pathlib import Path

from services.files.store import FileStore


class ProofStore(FileStore):
    """`WFHUB_HOME/proofs/<first two digits>/<sha256>`."""

    def __init__(self, home: Path) -> None:
        super().__init__(home / "proofs")
