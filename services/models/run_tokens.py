"""Tokens with which a run asks for model answers: `wfr_<run_id>.<step>.<mac>`, and the agent's `.<incarnation>`.

A direct call's has its end after the id, `wfr_<id>-<seconds of the epoch>.<step>.<mac>`; a run's ends with the run.
"""

import base64
import hmac
import re
from dataclasses import dataclass
from functools import lru_cache

from services.models.direct import PREFIX as DIRECT
from services.models.direct import unlimited
from services.models.errors import RunTokenInvalid

PREFIX = "wfr_"
_LABEL = "workflow-hub run token 1"  # keeps this use of the secret apart from every other
_RUN_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_STEP = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_INCARNATION = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True)
class RunToken:
    """Whom a token stands for. `incarnation` counts the starts of the step's job, from 1; the MAC does not cover it."""

    run_id: str
    step: str
    incarnation: int = 1


def issue(secret: str, run_id: str, step: str) -> str:
    """The token of one step of a run: the same one each time, so that it needn't be kept.

    Raises ValueError for a run id or a step that can't stand in a token.
    """
    if not _RUN_ID.fullmatch(run_id) or not _STEP.fullmatch(step):
        raise ValueError(f"no token can be made for run {run_id!r}, step {step!r}")
    return f"{PREFIX}{run_id}.{step}.{_mac(secret, run_id, step)}"


def verify(secret: str, token: str) -> RunToken:
    """Whom the token stands for. Raises RunTokenInvalid, always with the same words; compares in constant time.

    Raises RunNotActive for a direct call whose time is over.
    """
    parts = token.removeprefix(PREFIX).split(".") if token.startswith(PREFIX) else []
    if len(parts) == 3:
        parts.append("1")
    if len(parts) != 4:
        raise _refused()
    run_id, step, mac, incarnation = parts
    genuine = hmac.compare_digest(mac.encode(), _mac(secret, run_id, step).encode())
    if not genuine or not _INCARNATION.fullmatch(incarnation):
        raise _refused()
    return RunToken(unlimited(run_id) if run_id.startswith(DIRECT) else run_id, step, int(incarnation))


@lru_cache(maxsize=256)  # a run asks with the same token each time
def _mac(secret: str, run_id: str, step: str) -> str:
    digest = hmac.digest(secret.encode(), f"{_LABEL}\n{run_id}\n{step}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _refused() -> RunTokenInvalid:
    return RunTokenInvalid(
        "The run token is missing or wrong.",
        "Send Authorization: Bearer <token of the run>; the owner's token does not open the gateway.",
    )
