"""A project's settings: their types checked, edits merged into what is there."""

from typing import Annotated, Any, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.contract.run_spec import CagePolicy
from services.deploys.settings import NO_DEPLOY, DeploySettings
from services.domain.errors import InvalidInput

RECIPE = ("commands", "junit", "setup", "setup_inputs", "setup_network")
BELOW = r"^[^/\x00][^\x00]*$"
Glob = Annotated[str, Field(pattern=BELOW, max_length=500)]


class Facts(BaseModel):
    """What the owner says of a workspace where looking at its files told something else."""

    model_config = ConfigDict(extra="forbid")

    language: str | None = Field(default=None, max_length=100)
    package_managers: list[Annotated[str, Field(min_length=1, max_length=100)]] | None = Field(
        default=None, max_length=50
    )
    entry_points: list[Annotated[str, Field(min_length=1, max_length=500)]] | None = Field(default=None, max_length=100)


class ProjectSettings(BaseModel):
    """What steps read of it. Other names are kept as they are: workflows of one's own may read them."""

    model_config = ConfigDict(extra="allow")

    commands: dict[str, str | None] = Field(default_factory=dict)
    junit: str | None = Field(default=None, pattern=BELOW)
    coverage: str | None = Field(default=None, pattern=BELOW)
    sarif: list[Glob] = Field(default_factory=list, max_length=20)
    screenshots: list[Glob] = Field(default_factory=list, max_length=20)
    audit_network: bool | None = None
    setup: str | None = None
    setup_inputs: list[str] = Field(default_factory=list, max_length=200)
    setup_network: bool = True
    facts: Facts = Facts()
    cage: CagePolicy = CagePolicy()
    deploy: DeploySettings = NO_DEPLOY
    principles: str | None = Field(default=None, max_length=20_000)
    push_after_merge: bool = False
    push_remote: str = Field(default="origin", pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$")


def checked(settings: dict[str, Any]) -> dict[str, Any]:
    """The same, when every part that is read has its type. Raises InvalidInput, which names the first that has not."""
    try:
        ProjectSettings.model_validate(_without_nulls(settings))
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(("settings", *map(str, fault["loc"])))
        raise InvalidInput(
            f"{where}: {fault['msg']}.",
            "commands are texts by name, junit and coverage paths below the workspace, facts a language, "
            "package_managers and entry_points, sarif and screenshots lists, "
            "push_after_merge is true or false, push_remote a name of `git remote`; deploy is told in docs/deploys.md.",
        ) from error
    return settings


def _without_nulls(settings: dict[str, Any]) -> dict[str, Any]:
    """A null takes a name away, in the tables of deploys and facts too."""
    told = {name: value for name, value in settings.items() if value is not None}
    for table in ("deploy", "facts"):
        if isinstance(own := told.get(table), dict):
            told[table] = {name: value for name, value in cast("dict[str, Any]", own).items() if value is not None}
    return told


def merged(before: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """What is given over what is there, table by table; null takes a name away (RFC 7396).

    What is found in the files is not the caller's to write. Raises InvalidInput.
    """
    if "discovered" in given:
        given = {name: value for name, value in given.items() if name != "discovered"}
    now = dict(before)
    for name, value in checked(given).items():
        if value is None:
            now.pop(name, None)
        elif isinstance(value, dict):
            both = {**now[name], **value} if isinstance(now.get(name), dict) else value
            now[name] = {key: entry for key, entry in both.items() if entry not in (None, "")}
        else:
            now[name] = value
    return now


def found_again(before: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """The settings with what the files tell now in place of what they told before; the owner's other words stay."""
    return {**{name: value for name, value in before.items() if name not in RECIPE}, **found}
