"""What the gateway's refusals mean for a run. Standard library only: Aider's own environment loads it too."""

import json
from dataclasses import dataclass
from typing import Any, Literal

Outcome = Literal["failed", "lost", "cancelled"]


@dataclass(frozen=True, slots=True)
class Problem:
    """`outcome` and `reason` are those of RunResult; `retry` means that waiting may help."""

    outcome: Outcome
    reason: str
    sentence: str
    retry: bool = False


# code of the gateway's problem -> outcome, reason, what a person can do
_FINAL: dict[str, tuple[Outcome, str, str]] = {
    "budget_exceeded": ("failed", "budget_exceeded", "Raise the budget, or choose a cheaper model, and run again."),
    "context_exceeded": ("failed", "context_exceeded", "Split the task, name fewer files, or choose a larger context."),
    "model_missing": ("failed", "model_missing", "Pull the model, or choose another one for this role."),
    "model_refused": ("failed", "model_refused", "Choose another model for this role, or look at its provider's key."),
    "model_offline": (
        "failed",
        "model_offline",
        "Or let another model stand in for it: an order of models in its role.",
    ),
    "run_not_active": ("cancelled", "run_not_active", "Nothing to do: another run took over, or this one was ended."),
}
# the gateway is there and says that the model's provider is not: worth a wait, but then a person has to look
_PROVIDER_AWAY = frozenset({"upstream_failed", "upstream_timeout", "upstream_busy"})
_WAIT = frozenset({408, 429, 500, 502, 503, 504})


def read_problem(status: int, body: bytes | str | dict[str, Any] | None) -> Problem:
    """Read an error answer: problem+json inside the OpenAI error shape, or whatever a proxy in between made of it."""
    code, message = _code_and_message(body)
    if code in _FINAL:
        outcome, reason, way_out = _FINAL[code]
        return Problem(outcome, reason, f"{message or code} {way_out}")
    if code in _PROVIDER_AWAY:
        return Problem("failed", "model_unreachable", message or "The model's provider does not answer.", retry=True)
    if status in _WAIT:
        return Problem("lost", "gateway_unreachable", message or f"The gateway answered {status}.", retry=True)
    if status in (401, 403):
        return Problem("failed", "model_refused", message or "The gateway did not accept this run's token.")
    return Problem("failed", "model_refused", message or f"The gateway answered {status} to the model call.")


def unreachable(detail: str) -> Problem:
    """No answer at all: refused, reset, cut midway, timed out."""
    return Problem("lost", "gateway_unreachable", f"The gateway does not answer ({detail}).", retry=True)


def waited_out(last: Problem, seconds: float) -> Problem:
    """The wait is over: what the run ends with. Lost is done again; a provider that stays away is for a person."""
    if last.outcome == "failed":
        way_out = "Start it, or choose another model for this role, and run again."
        return Problem("failed", last.reason, f"{last.sentence} Waited {seconds:.0f} s. {way_out}")
    way_out = "Nothing is lost: the step is safe to do again when the gateway and its model are back."
    return Problem("lost", "gateway_unreachable", f"{last.sentence} Waited {seconds:.0f} s. {way_out}")


def _code_and_message(body: bytes | str | dict[str, Any] | None) -> tuple[str, str]:
    data: Any = body
    if isinstance(body, bytes | str):
        try:
            data = json.loads(body)
        except ValueError:
            return "", ""
    error = data.get("error", data) if isinstance(data, dict) else {}
    if isinstance(error, str):  # in Ollama's shape
        return str(data.get("code") or ""), error
    if not isinstance(error, dict):
        return "", ""
    return str(error.get("code") or ""), str(error.get("message") or error.get("detail") or "")
