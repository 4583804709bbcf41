"""One redactor for all that the hub writes or sends: the secrets it was told of, and what looks like somebody's key.

It knows no rows, no files and no framework, so that every process and every border can use it. What is redacted where
is decided in docs/decisions/0013-what-is-redacted-where.md.
"""

from services.redaction.redactor import KNOWN, Redactor
from services.redaction.stream import Stream

__all__ = ["KNOWN", "Redactor", "Stream"]
