"""How every body is read and written."""

from pydantic import BaseModel, ConfigDict, model_validator


class Out(BaseModel):
    """Read from a row's attributes."""

    model_config = ConfigDict(from_attributes=True)


class In(BaseModel):
    """Strict about unknown fields: a misspelt one is refused, not ignored."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Patch(In):
    """A partial edit: only the fields that are sent change. `version` is the one the caller read."""

    version: int

    @model_validator(mode="after")
    def _changes_something(self) -> "Patch":
        if not self.changes():
            raise ValueError("name at least one field to change besides version")
        return self

    def changes(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in self.model_fields_set - {"version"}}
