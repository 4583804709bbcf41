"""What Pydantic finds wrong with a workflow, in sentences for who wrote the file."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from services.domain.workflow import Workflow
from services.roles.yaml_places import Fault, Path, Placed

NOUNS = {
    "Workflow": "a workflow", "Stage": "a stage", "Gate": "a gate", "StageLimits": "limits", "ProofRule": "a proof",
    "PathRule": "paths", "TestsTouched": "tests_touched", "MigrationRule": "migration_when_models_change",
}  # fmt: skip


def faults_of(error: ValidationError, placed: Placed) -> Iterator[Fault]:
    """One for each error, on the line where the value or its key stands."""
    for found in error.errors(include_url=False):
        if found["type"] == "too_short" and len(found["input"]) >= found.get("ctx", {}).get("min_length", 0):
            continue  # only those items were counted that have no fault
        path, model = _walk(found["loc"], placed.value)
        line, column = placed.place(path)
        yield Fault(line, column, f"{where(path, placed.value)}{_sentence(found, path, model)}")


def where(path: Path, value: Any) -> str:
    """`stage qa, step 2: `, by the names that the text gives."""
    if len(path) < 2 or path[0] != "stages" or not isinstance(path[1], int):
        return ""
    words = [f"stage {_name(_at(value, path[:2])) or path[1] + 1}"]
    if len(path) > 3 and path[2] == "steps" and isinstance(path[3], int):
        words.append(f"step {_name(_at(value, path[:4])) or path[3] + 1}")
    return f"{', '.join(words)}: "


def _walk(loc: tuple[int | str, ...], value: Any) -> tuple[Path, type[BaseModel] | None]:
    """The place in the text, and the model of what is around it. A union's tag is in `loc`, not in the text."""
    models: list[type[BaseModel]] = [Workflow]
    path: list[str | int] = []
    for number, part in enumerate(loc):
        last = number == len(loc) - 1
        if isinstance(value, Mapping):
            tagged = [m for m in models if part in _executors(m)]
            if not last and tagged and len(models) > 1:
                models = tagged
                continue
            path.append(part)
            value = value.get(part)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            if not last:
                models = [found for model in models for found in _models_of(model, str(part))]
        elif isinstance(value, list) and isinstance(part, int):
            path.append(part)
            value = value[part] if part < len(value) else None  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return tuple(path), models[0] if len(models) == 1 else None


def _models_of(model: type[BaseModel], field: str) -> list[type[BaseModel]]:
    """The models that a field's value or its items may have."""
    info = model.model_fields.get(field)
    found: list[type[BaseModel]] = []
    todo: list[Any] = [info.annotation] if info else []
    while todo:
        kind = todo.pop()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found.append(kind)
        else:
            todo += get_args(kind)
    return found


def _executors(model: type[BaseModel]) -> tuple[Any, ...]:
    info = model.model_fields.get("executor")
    return get_args(info.annotation) if info else ()


def _sentence(error: ErrorDetails, path: Path, model: type[BaseModel] | None) -> str:
    field = next((part for part in reversed(path) if isinstance(part, str)), "")
    given, context = error["input"], error.get("ctx", {})
    match error["type"]:
        case "missing":
            return f"{_noun(model)} needs `{error['loc'][-1]}`"
        case "extra_forbidden":
            names = list(model.model_fields) if model else []
            return f"{_noun(model)} has no `{field}`{_meant(field, names)}"
        case "union_tag_invalid":
            tags = [tag.strip("'") for tag in str(context["expected_tags"]).split(", ")]
            tag = str(context["tag"])
            return f"`{tag}` is no executor{_meant(tag, tags) or f'; there are {_listed(tags)}'}"
        case "union_tag_not_found":
            return "a step needs `executor`"
        case "literal_error" | "enum":
            known = [word.strip("'") for word in str(context["expected"]).replace(" or ", ", ").split(", ")]
            return f"`{field}` is {given!r}{_meant(str(given), known) or f'; it may be {_listed(known)}'}"
        case "string_type" if isinstance(given, bool):
            return f"`{field}`: YAML reads yes, no, on and off as true and false; put the word in quotes"
        case "string_pattern_mismatch":
            return f"`{field}` is {given!r}, which does not fit {context['pattern']}"
        case "too_short" if field == "stages":
            return "a workflow needs three stages at least: where tasks wait, where they are worked on, where they end"
        case "model_type" | "model_attributes_type" | "dict_type":
            return f"`{field or 'a workflow'}` must be fields with values (name: value)"
        case "tuple_type":
            return f"`{field}` must be a list"
        case _:
            told = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
            return f"`{field}` {told[0].lower()}{told[1:]}, not {_short(given)}"


def _noun(model: type[BaseModel] | None) -> str:
    if model is None:
        return "this"
    return NOUNS.get(model.__name__) or f"a step `{(_executors(model) or ('?',))[0]}`"


def _meant(word: str, known: list[str]) -> str:
    near = get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    return f"; did you mean `{near[0]}`?" if near else ""


def _listed(words: list[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _name(value: Any) -> str | None:
    name = value.get("name") if isinstance(value, Mapping) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return name if isinstance(name, str) else None


def _at(value: Any, path: Path) -> Any:
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value
