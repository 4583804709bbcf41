"""An answer to a question: the shape a model has to give it, and what of it rests on the record."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import from_json

from services.guide.facts import Fact

LONGEST = 6_000  # characters
NAME = "answer"
UNFOUNDED = "Nothing of this rests on the record: take it for a guess."
_REF = re.compile(r"\s?\[((?:F\d{1,4})(?:\s*,\s*F\d{1,4})*)\]")
_FENCED = re.compile(r"^\s*```(?:json)?\s*\n(.*?)\n?\s*```\s*$", re.DOTALL)


class Account(BaseModel):
    """What a model answers."""

    model_config = ConfigDict(extra="forbid")

    answer: Annotated[str, Field(min_length=1, max_length=LONGEST, description="A few sentences, with [F1] after each")]
    cites: Annotated[list[str], Field(max_length=50, description="The names of the facts it rests on")] = []


@dataclass(frozen=True)
class Checked:
    """An answer whose citations are facts of the record. `dropped` named none."""

    text: str
    cites: tuple[Fact, ...]
    dropped: tuple[str, ...]

    @property
    def sentence(self) -> str:
        return "" if self.cites else UNFOUNDED


def read_account(said: str) -> Account | None:
    """None for what is not such an answer."""
    fenced = _FENCED.match(said)
    try:
        return Account.model_validate_json(fenced[1] if fenced else said)
    except ValidationError:
        return None


def so_far(said: str) -> str:
    """The words of an answer that is still coming in, without its citations."""
    body = said.lstrip().removeprefix("```json").removeprefix("```").lstrip()
    try:
        found: Any = from_json(body, allow_partial="trailing-strings") if body else {}
    except ValueError:
        return ""
    words: Any = found.get("answer", "") if isinstance(found, dict) else ""
    return _REF.sub("", words).strip() if isinstance(words, str) else ""


def check(account: Account, facts: Sequence[Fact]) -> Checked:
    """Citations that name no fact are taken out, in the text and in the list; the others stay in their order."""
    known = {fact.ref: fact for fact in facts}
    named: list[str] = []

    def kept(found: re.Match[str]) -> str:
        refs = [ref.strip() for ref in found[1].split(",")]
        named.extend(refs)
        there = [ref for ref in refs if ref in known]
        return "".join(f" [{ref}]" for ref in there)

    text = _REF.sub(kept, account.answer).strip()
    named += [ref.strip().strip("[]") for ref in account.cites]
    order = list(dict.fromkeys(named))
    dropped = tuple(ref for ref in order if ref not in known)
    return Checked(text, tuple(known[ref] for ref in order if ref in known), dropped)


def schema() -> dict[str, Any]:
    return Account.model_json_schema()


def shape_words() -> str:
    """For models that are told of the shape in words alone."""
    return json.dumps({"answer": "QA failed because of two tests [F2]. They …", "cites": ["F2"]}, ensure_ascii=False)
