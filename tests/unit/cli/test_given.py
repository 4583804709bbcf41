"""What a person gives on the command line, as the hub gets it, and what the shell offers for it."""

from pathlib import Path
from typing import Any

import pytest

from services.cli import complete
from services.cli.config import _pair  # pyright: ignore[reportPrivateUsage]
from services.cli.find import archived_project, project_of
from services.demo.hub_client import Listed
from services.domain.errors import InvalidInput, NotFound


class Projects:
    """A hub that knows of some projects only."""

    def __init__(self, *rows: tuple[int, str, str, bool]) -> None:
        self._rows = [{"id": id, "key": key, "name": name, "archived": archived} for id, key, name, archived in rows]

    def listed(self, _path: str, _most: int, archived: bool = False) -> Listed:
        rows = [row for row in self._rows if row["archived"] == archived]
        return Listed(rows, len(rows))


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("n=5", 5), ("n=2.5", 2.5), ("n=true", True), ("n=null", None), ("n=", ""), ("n=a: b", "a: b"),
        ("n=2026-01-31", "2026-01-31"), ("n=2026-99-99", "2026-99-99"), ("n=.nan", ".nan"), ("n=.inf", ".inf"),
        ("n=[1, 2]", "[1, 2]"), ("n=&a [*a]", "&a [*a]"), ("n={", "{"),
        ("n=!!bool maybe", "!!bool maybe"), ("n=!!int", "!!int"), ("n=!!timestamp x", "!!timestamp x"),
    ],
)  # fmt: skip
def test_a_setting_is_a_number_a_word_of_yaml_or_a_text(given: str, value: Any) -> None:
    assert _pair(given) == ("n", value)


def test_a_name_that_two_projects_have_is_no_name() -> None:
    client: Any = Projects((1, "ONE", "Shop", False), (2, "TWO", "shop", False), (3, "OLD", "Shop", True))
    with pytest.raises(InvalidInput, match="2 projects are called Shop") as refused:
        project_of(client, "Shop")
    assert "ONE, TWO" in refused.value.way_out
    assert project_of(client, "two")["id"] == 2
    assert [archived_project(client, named)["id"] for named in ("old", "3", "SHOP")] == [3, 3, 3]
    with pytest.raises(NotFound, match="no project OLD"):
        project_of(client, "OLD")


def test_the_words_of_a_command_are_offered_without_a_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WFHUB_ROOT", str(tmp_path))
    monkeypatch.delenv("WFHUB_TOKEN", raising=False)
    assert complete.budgeted("to") == [("today", "all models of a day")] and complete.budgeted("every") == []
    assert complete.openable("Inb") == [("inbox", "")] and complete.openable("every") == []
    assert complete.pausable("every") == [("everything", "all projects")]
