"""How tools send the owner's token that can only be told an address: in its path, or as its password."""

import base64
import re
from collections.abc import Iterator

ROOT = "/ollama/"
_IN_PATH = re.compile(r"/ollama/as/([^/]+)/")


def offered(path: str, authorization: list[str]) -> Iterator[str]:
    """The tokens of a request below ROOT, besides a bearer's; none elsewhere."""
    if not path.startswith(ROOT):
        return
    if found := _IN_PATH.match(path):
        yield found[1]
    for value in authorization:
        scheme, _, credentials = value.partition(" ")
        if scheme.lower() == "basic":
            yield from _password(credentials.strip())


def below(raw_path: str) -> str:
    """What is asked of Ollama, still percent-encoded: `/ollama/as/<token>/api/chat` is `api/chat`."""
    found = _IN_PATH.match(raw_path)
    return raw_path[found.end() :] if found else raw_path.removeprefix(ROOT)


def _password(credentials: str) -> Iterator[str]:
    try:
        _user, colon, password = base64.b64decode(credentials, validate=True).decode().partition(":")
    except ValueError:  # no base64, or no UTF-8 in it
        return  # whoever sends that offers no token
    if colon:
        yield password
