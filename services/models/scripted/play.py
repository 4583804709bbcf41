"""Chooses the rule for a request and works out its answer, from the request and the scenario alone."""

import json
import re
from dataclasses import dataclass

from services.models.scripted.errors import FenceClash, NoRule
from services.models.scripted.guide import answer_from_record
from services.models.scripted.request import Seen
from services.models.scripted.rules import Rule, Scenario, ToolCall, When

CHARACTERS_PER_TOKEN = 4
# Aider's own list, in its order.
FENCES = (
    ("```", "```"),
    ("````", "````"),
    *((f"<{name}>", f"</{name}>") for name in ("source", "code", "pre", "codeblock", "sourcecode")),
)


@dataclass(frozen=True)
class Answer:
    """What to say, before a protocol gives it its form. Tokens are counted from lengths unless the rule says else."""

    text: str
    tool_calls: tuple[ToolCall, ...]
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    sha256: str
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0


def choose(scenario: Scenario, seen: Seen) -> Rule:
    """The first rule that matches; of a question about a record, the answer that no scenario need have. Raises NoRule,
    which says what was seen."""
    for rule in scenario.rules:
        if matches(rule.when, seen):
            return rule
    if (own := answer_from_record(seen)) is not None:
        return own
    headers = ", ".join(f"{name.capitalize()}: {value}" for name, value in seen.headers.items()) or "no header lines"
    raise NoRule(
        f"The scripted model's scenario {scenario.name} has no answer for this request ({headers}; turn {seen.turn}).",
        "It only plays what its scenario holds: add a rule, or use a real model.",
        scenario=scenario.name,
        headers=seen.headers,
        turn=seen.turn,
    )


def matches(when: When, seen: Seen) -> bool:
    for name in ("role", "stage", "project", "request"):
        wanted: list[str] | None = getattr(when, name)
        if wanted is not None and seen.headers.get(name) not in wanted:
            return False
    if when.task is not None and (seen.title is None or not re.search(when.task, seen.title)):
        return False
    if when.round is not None and not when.round.fits(seen.round):
        return False
    if when.turn is not None and not when.turn.fits(seen.turn):
        return False
    if not all(text in seen.conversation for text in when.contains or ()):
        return False
    return not any(text in seen.conversation for text in when.not_contains or ())


def work_out(rule: Rule, seen: Seen) -> Answer:
    """The rule's answer to this request. Raises FenceClash."""
    calls = tuple(rule.tool_calls or ())
    if rule.answer is not None:
        text = rule.answer
    elif rule.has_json:
        text = json.dumps(rule.json_value, ensure_ascii=False, default=str)
    elif rule.files:
        text = render_files(rule.say, rule.files, seen.fence)
    else:
        text = rule.say
    written = len(text) + sum(len(call.name) + len(call.written()) for call in calls)
    prompt, completion = rule.tokens.prompt, rule.tokens.completion
    return Answer(
        text=text,
        tool_calls=calls,
        finish_reason=rule.finish_reason or ("tool_calls" if calls else "stop"),
        prompt_tokens=tokens_of(seen.characters) if prompt is None else prompt,
        completion_tokens=tokens_of(written) if completion is None else completion,
        sha256=seen.sha256,
        cache_read_tokens=rule.tokens.cache_read,
        cache_write_tokens=rule.tokens.cache_write,
    )


def render_files(say: str, files: dict[str, str], asked: tuple[str, str] | None) -> str:
    """Files in Aider's `whole` format: a line with the path, then the content between fences.

    `asked` is the fence of the request; without it the first fence that no content clashes with. Raises FenceClash.
    """
    candidates = (asked,) if asked else FENCES
    for fence in candidates:
        clashing = [path for path, content in files.items() if _clashes(content, fence)]
        if not clashing:
            blocks = [f"{path}\n{fence[0]}\n{_ended(content)}{fence[1]}\n" for path, content in files.items()]
            return "\n".join([f"{say.rstrip()}\n"] * bool(say.strip()) + blocks)
    raise FenceClash(
        f"The scripted file {clashing[0]} has a line that begins with the fence {candidates[-1][0]} of Aider's "  # pyright: ignore[reportPossiblyUnboundVariable]  # candidates is never empty
        "format, so it can't be sent.",
        "Change the file in the scenario, or add a file with such a line to Aider's chat.",
    )


def _clashes(content: str, fence: tuple[str, str]) -> bool:
    return any(line.startswith(fence) for line in content.splitlines())


def _ended(content: str) -> str:
    return content if not content or content.endswith("\n") else f"{content}\n"


def tokens_of(characters: int) -> int:
    return -(-characters // CHARACTERS_PER_TOKEN)
