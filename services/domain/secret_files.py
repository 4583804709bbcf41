"""Which files of a workspace are not for agents: git's data, and what by its name usually holds a secret."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

_NAMES = frozenset({
    ".env", ".envrc", ".netrc", ".pgpass", ".htpasswd", ".npmrc", ".pypirc", ".git-credentials", ".dockercfg",
    ".vault-token", ".ssh", ".aws", ".gnupg", ".kube", ".azure", ".docker",
})  # fmt: skip
_SUFFIXES = frozenset({".pem", ".key", ".p12", ".pfx", ".keystore", ".jks", ".tfstate"})
_PREFIXES = (".env.", "id_rsa", "id_ed25519", "id_ecdsa", "id_dsa")
_HARMLESS = frozenset({".env.example", ".env.sample", ".env.template", ".env.dist"})


def is_git_data(path: str) -> bool:
    """Whether a relative path names `.git`, or something in it."""
    return ".git" in PurePosixPath(path.lower()).parts


def is_secret(path: str, readable: Iterable[str] = ()) -> bool:
    """Whether a relative path, or a folder on it, is named like a secret, and no glob of `readable` allows it.

    `readable` is the project's word: globs of paths from the workspace's root, in which `*` also stands for slashes
    (`tests/*.pem`, `.env.test`, or `*` for all).
    """
    parts = PurePosixPath(path.lower()).parts
    if not any(_named_like_one(part) for part in parts):
        return False
    return not any(fnmatchcase(path, glob) for glob in readable)


def is_hidden(path: str, readable: Iterable[str] = ()) -> bool:
    """Git's data, which nothing makes readable to a tool, or a secret."""
    return is_git_data(path) or is_secret(path, readable)


def _named_like_one(part: str) -> bool:
    if part in _HARMLESS or part.endswith(".pub"):
        return False
    return part in _NAMES or part.startswith(_PREFIXES) or PurePosixPath(part).suffix in _SUFFIXES
