"""The ways in which one secret is written: as it is, in a URL, in JSON, in base64 and in hex."""

import base64
import html
import json
from urllib.parse import quote, quote_plus

LEAST = 8
SURELY_NO_WORD = 16
LEAST_LINE = 20
LEAST_ENCODED = 12


def searchable(secret: str) -> bool:
    """Whether the text can be looked for without hiding ordinary words: `postgres` as a password can't.

    At least 8 characters with a digit among them, or at least 16. What is weaker is still found in a URL, in an
    Authorization header and in an assignment (shapes.py).
    """
    return len(secret) >= SURELY_NO_WORD or (len(secret) >= LEAST and any(c.isdigit() for c in secret))


def forms_of(secret: str) -> set[str]:
    """Every form to look for; empty for a secret that is not searchable. A key of several lines counts by its lines."""
    secret = secret.strip()
    if not searchable(secret):
        return set()
    forms = _forms(secret)
    if "\n" in secret:
        lines = (line.strip() for line in secret.splitlines())
        forms |= {line for line in lines if len(line) >= LEAST_LINE and not line.startswith("-----")}
    return {form for form in forms if len(form) >= LEAST}


def _forms(secret: str) -> set[str]:
    raw = secret.encode("utf-8", "surrogatepass")
    in_json = json.dumps(secret)[1:-1]
    return {
        secret,
        quote(raw, safe=""),
        quote(raw),
        quote_plus(raw),
        html.escape(secret),
        in_json,
        json.dumps(in_json)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        raw.hex(),
        raw.hex().upper(),
        *_in_base64(raw),
    }


def _in_base64(raw: bytes) -> set[str]:
    """What stands in any base64 text whose content holds the secret: it may begin at each of three places of a group.

    The characters at both ends also depend on what stands beside the secret; they are left out.
    """
    found: set[str] = set()
    for before in range(3):
        shifted = b"\0" * before + raw
        whole = len(shifted) // 3 * 3
        inner = base64.b64encode(shifted[:whole]).decode()[4 if before else 0 :]
        if len(inner) >= LEAST_ENCODED:
            found |= {inner, inner.replace("+", "-").replace("/", "_")}
    return found
