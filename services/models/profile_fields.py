"""What may be told of a model besides what is packaged: by a probe, by a person, or by the setting MODEL_PROFILES."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, TypeAdapter, ValidationError

from services.domain.errors import InvalidInput
from services.models.profiles import EditFormat

NAME = r"^[a-z0-9_-]+/\S+$"


class ProfileFields(BaseModel):
    """Fields of Profile; None says nothing. Tokens for both sizes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    edit_format: EditFormat | None = None
    context_tokens: int | None = Field(None, ge=1024, le=10_000_000, examples=[16_384])
    max_output_tokens: int | None = Field(None, ge=64, le=1_000_000, examples=[2048])
    tools: StrictBool | None = None
    vision: StrictBool | None = None
    json_schema: StrictBool | None = None
    kv_type: Literal["f16", "q8_0", "q4_0"] | None = None
    licence: str | None = Field(None, max_length=200)

    @property
    def told(self) -> dict[str, Any]:
        """Only what is said, as profile_of takes it."""
        return self.model_dump(exclude_none=True)


_OVERRIDES = TypeAdapter(dict[str, ProfileFields])


def readable(text: str) -> str:
    """For settings: the text of MODEL_PROFILES as it is. Raises ValueError with what is wrong with it."""
    try:
        read_overrides(text)
    except InvalidInput as error:
        raise ValueError(str(error)) from error
    return text


OverridesText = Annotated[str, AfterValidator(readable)]


def read_overrides(text: str) -> dict[str, dict[str, Any]]:
    """MODEL_PROFILES, a JSON object: full names to fields. Raises InvalidInput, which names the model and the field."""
    if not text.strip():
        return {}
    try:
        return {name: fields.told for name, fields in _OVERRIDES.validate_json(text).items()}
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in fault["loc"])
        raise InvalidInput(
            f"MODEL_PROFILES can't be used{f' ({where})' if where else ''}: {fault['msg']}.",
            'Write it as {"ollama/qwen2.5-coder:7b": {"context_tokens": 16384}}.',
        ) from error
