"""Finds out what a model can do, by having it do it: call a tool, keep to a JSON schema, edit a file."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.models.bounded import bounded
from services.models.catalogue import ModelServer, capabilities_of, licence_of
from services.models.edits import EDITS, Edit, prompt, works
from services.models.errors import ModelRefused, ModelShapeUnknown
from services.models.fit import Card, Fit, largest_context
from services.models.profile_fields import ProfileFields
from services.models.profiles import EditFormat, profile_of
from services.models.tokenizers import Tokenizers, tokenizer_from_show

ANSWER_TOKENS = 1024
SECONDS = 300.0  # a small machine that has to load the model first
SMALL_PARAMETERS = 4_000_000_000  # below it a short diff that worked says nothing of a long one: `whole` is safer
_TRIED: tuple[EditFormat, ...] = ("whole", "diff", "udiff")
_TOOL = {
    "type": "function",
    "function": {
        "name": "add",
        "description": "Adds two whole numbers.",
        "parameters": {
            "type": "object",
            "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
            "required": ["a", "b"],
        },
    },
}
_SCHEMA = {
    "type": "object",
    "properties": {"language": {"type": "string", "enum": ["python", "rust"]}, "lines": {"type": "integer"}},
    "required": ["language", "lines"],
    "additionalProperties": False,
}
_ASK_TOOL = "Use the tool add to add 17 and 25."
_ASK_JSON = "Describe this file as JSON with its language and its number of lines:\nprint('one')\nprint('two')\n"


_COULD_NOT = frozenset({400, 404, 422, 500, 501})  # what servers answer to a field that a model has no use for


@dataclass(frozen=True, slots=True)
class _Asked:
    """The model, and what was noted of it; `refused` are the questions that were not taken at all."""

    server: ModelServer
    model: str
    notes: list[str]
    refused: list[ModelRefused]


@dataclass(frozen=True, slots=True)
class Probed:
    """What was seen. `edits` says which formats worked; `fit` is None where no shape is told, or nothing fits."""

    name: str
    tools: bool
    json_schema: bool
    edits: dict[EditFormat, bool]
    edit_format: EditFormat
    fit: Fit | None
    fields: ProfileFields
    notes: tuple[str, ...]


def probe(server: ModelServer, model: str, card: Card, say: Callable[[str], None]) -> Probed:
    """Eight questions by OpenAI's protocol, which Pydantic AI and Aider use.

    Raises ModelMissing, UpstreamFailed, and ModelRefused where the provider refuses every question.
    """
    name, notes, refused = f"{server.provider.name}/{model}", list[str](), list[ModelRefused]()
    server.provider.url("openai", "chat/completions")  # a provider that does not speak it says so here
    asked = _Asked(server, model, notes, refused)
    shown = server.show(model) if server.is_ollama else {}
    fit = _fit(server, model, card, notes) if server.is_ollama else None
    say("Does it call a tool?")
    tools = _did(asked, "tools", _ASK_TOOL, _called, {"tools": [_TOOL]})
    say("Does it keep to a JSON schema?")
    schema = {"type": "json_schema", "json_schema": {"name": "file", "strict": True, "schema": _SCHEMA}}
    json_schema = _did(asked, "JSON schema", _ASK_JSON, _kept, {"response_format": schema})
    edits: dict[EditFormat, bool] = {}
    for edit_format in _TRIED:
        say(f"Does it edit in the format {edit_format}?")
        edits[edit_format] = all(_edited(asked, edit_format, edit) for edit in EDITS)
    if len(refused) == len(_TRIED) + 2:  # one for each format: the second edit is not tried after it
        raise refused[-1]
    chosen = _choose(name, edits, shown, notes)
    told = capabilities_of(shown)
    fields = ProfileFields(
        edit_format=chosen, tools=tools, json_schema=json_schema, vision=told.get("vision"),
        context_tokens=fit.context if fit else None, max_output_tokens=min(8192, fit.context // 4) if fit else None,
        kv_type=fit.kv_type if fit else None, licence=licence_of(shown) or None,
    )  # fmt: skip
    return Probed(name, tools, json_schema, edits, chosen, fit, fields, tuple(notes))


def keep_tokenizer(server: ModelServer, model: str, folder: Path) -> Path:
    """Makes its tokenizer's file from what an Ollama tells. Raises TokenizerUnusable, OSError, and what `show` does."""
    name = f"{server.provider.name}/{model}"
    return Tokenizers(folder).keep(name, tokenizer_from_show(name, server.show(model, verbose=True)))


def _fit(server: ModelServer, model: str, card: Card, notes: list[str]) -> Fit | None:
    try:
        found = largest_context(server.shape(model), card)
    except ModelShapeUnknown as unknown:
        notes.append(str(unknown))
        return None
    if found is None:
        notes.append("It does not fit on the card with any context: a part of it will run on the processor, slowly.")
    return found


def _did(asked: _Asked, what: str, question: str, check: Callable[[dict[str, Any]], str], more: dict[str, Any]) -> bool:
    """`check` answers what is wrong with the message, "" for nothing. Raises what is no word about the model: a key."""
    try:
        fault = check(_ask(asked, question, more))
    except ModelRefused as refused:
        if refused.data.get("status") not in _COULD_NOT:
            raise
        asked.refused.append(refused)
        fault = refused.sentence
    if fault:
        asked.notes.append(f"{what}: {fault}")
    return not fault


def _edited(asked: _Asked, edit_format: EditFormat, edit: Edit) -> bool:
    def check(message: dict[str, Any]) -> str:
        said = str(message.get("content") or "")
        return "" if works(edit, edit_format, said) else f"{edit.path} was not what it had to be: {_short(said)}"

    return _did(asked, f"edit format {edit_format}", prompt(edit, edit_format), check, {})


def _ask(asked: _Asked, question: str, more: dict[str, Any]) -> dict[str, Any]:
    messages = [{"role": "user", "content": question}]
    body = {"model": asked.model, "messages": messages, "stream": False, **more}
    url = asked.server.provider.url("openai", "chat/completions")
    answer = bounded(lambda bounds: asked.server.post(url, body | bounds), ANSWER_TOKENS)
    choices = answer.get("choices") or [{}]
    return choices[0].get("message") or {}


def _called(message: dict[str, Any]) -> str:
    for call in message.get("tool_calls") or []:
        function = call.get("function") or {}
        arguments = _parsed(function.get("arguments"))
        if function.get("name") == "add" and arguments in ({"a": 17, "b": 25}, {"a": 25, "b": 17}):
            return ""
        return f"it called {function.get('name')} with {_short(str(function.get('arguments')))}"
    return f"it called none, and said {_short(str(message.get('content')))}"


def _kept(message: dict[str, Any]) -> str:
    found = _parsed(message.get("content"))
    if not isinstance(found, dict) or set(found) != {"language", "lines"}:
        return f"the answer has not the fields that were asked for: {_short(str(message.get('content')))}"
    whole = isinstance(found["lines"], int) and not isinstance(found["lines"], bool)
    return "" if found["language"] in ("python", "rust") and whole else f"wrong values: {_short(json.dumps(found))}"


def _choose(name: str, edits: dict[EditFormat, bool], shown: dict[str, Any], notes: list[str]) -> EditFormat:
    """Diffs cost a large model less; a small one does better with whole files."""
    parameters = (shown.get("model_info") or {}).get("general.parameter_count")
    small = isinstance(parameters, int) and parameters < SMALL_PARAMETERS
    order: tuple[EditFormat, ...] = ("whole", "diff", "udiff") if small else ("diff", "whole", "udiff")
    working: list[EditFormat] = [one for one in order if edits[one]]
    if not working:
        notes.append("No edit format worked: this model is not fit to write code.")
    return working[0] if working else profile_of(name).edit_format


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return text if isinstance(text, dict) else None


def _short(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:77]}...")
