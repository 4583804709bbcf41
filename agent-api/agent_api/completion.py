"""One answer of a model to one question: text, or JSON that fits a schema. No tools."""

import json
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from pydantic import BaseModel, ConfigDict

from agent_api.errors import BadSchema, StepFailed
from agent_api.model_call import ask
from services.contract.run_spec import ModelAccess
from services.redaction import KNOWN

PATH = "openai/v1/chat/completions"
TRIES = 2  # of an answer that does not fit its schema
SHOWN = 200
Messages = list[dict[str, str]]


class Completion(BaseModel):
    """`answer` is the value when a schema was given, `text` what the model wrote. Tokens are the provider's count."""

    model_config = ConfigDict(frozen=True)

    text: str
    answer: Any = None
    model: str
    tokens_in: int = 0
    tokens_out: int = 0


def check_schema(schema: dict[str, Any]) -> None:
    """Raises BadSchema."""
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise BadSchema(f"The output_schema is no JSON Schema: {error.message}", "Correct it.") from error


async def complete(
    access: ModelAccess, messages: Messages, *, schema: dict[str, Any] | None, most_tokens: int, temperature: float,
    seconds: float,
) -> Completion:  # fmt: skip
    """Ask, under the schema when there is one: a local server holds each token to it, and we check the answer.

    Raises StepFailed (model_nonsense, model_truncated, time_limit, …) and StepLost.
    """
    body: dict[str, Any] = {
        "model": access.model, "messages": list(messages), "max_tokens": most_tokens, "temperature": temperature
    }  # fmt: skip
    if schema is not None:
        form = {"name": "answer", "schema": schema, "strict": True}
        body["response_format"] = {"type": "json_schema", "json_schema": form}
    tokens_in = tokens_out = 0
    wrong = text = ""
    for _ in range(TRIES):
        told = await ask(access, PATH, body, seconds)
        text = _text(told, most_tokens)
        usage = told.get("usage") or {}
        tokens_in += usage.get("prompt_tokens") or 0
        tokens_out += usage.get("completion_tokens") or 0
        done = Completion(text=text, model=access.model, tokens_in=tokens_in, tokens_out=tokens_out)
        if schema is None:
            return done
        value, wrong = _value(text, schema)
        if not wrong:
            return done.model_copy(update={"answer": value})
        again = f"That does not fit: {wrong}. Answer with the JSON value alone."
        body["messages"] += [{"role": "assistant", "content": text}, {"role": "user", "content": again}]
    said = KNOWN(" ".join(text.split()))[:SHOWN]
    raise StepFailed("model_nonsense", f"The model's answer cannot be used ({wrong}). It said: {said}",
                     "Try again, or choose another model.")  # fmt: skip


def _text(told: Any, most_tokens: int) -> str:
    try:
        choice = told["choices"][0]
        text, finish = str(choice["message"].get("content") or ""), choice.get("finish_reason")
    except (LookupError, TypeError, AttributeError) as error:
        raise StepFailed("model_nonsense", "The model's provider sent no answer.", "Try another model.") from error
    if finish == "length":
        sentence = f"The model's answer was cut at {most_tokens} tokens, so it was not used."
        raise StepFailed("model_truncated", sentence, "Ask for less, or raise max_tokens.")
    if not text.strip():
        raise StepFailed("model_nonsense", "The model said nothing.", "Ask again in other words, or try another model.")
    return text


def _value(text: str, schema: dict[str, Any]) -> tuple[Any, str]:
    """The value, and what is wrong with it; a fence around it is taken off."""
    bare = text.strip().removeprefix("```json").removeprefix("```").removesuffix("```")
    try:
        value = json.loads(bare)
    except ValueError:
        return None, "it is no JSON"
    errors = sorted(Draft202012Validator(schema).iter_errors(value), key=lambda error: error.json_path)
    return value, "; ".join(f"{error.json_path}: {error.message}"[:SHOWN] for error in errors[:3])
