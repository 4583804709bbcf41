"""What the engine is asked for, and what a person reads where it does not answer."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from requests.exceptions import ConnectionError, ReadTimeout

from services.stack.bringing import _exit_code  # pyright: ignore[reportPrivateUsage]
from services.stack.errors import MigrationFailed
from services.stack.pulling import pull

DIGEST = "sha256:" + "ab" * 32


@pytest.mark.parametrize("error", [ReadTimeout("Read timed out."), ConnectionError("Read timed out.")])
def test_tables_that_take_too_long_are_told_in_a_sentence(error: OSError) -> None:
    """docker's own client raises what its HTTP library raises: of either kind."""

    def wait(timeout: float) -> Any:
        raise error

    with pytest.raises(MigrationFailed, match="not brought up to date within 300 s") as caught:
        _exit_code(cast("Any", SimpleNamespace(wait=wait)), 300.0)
    assert "STACK_START_TIMEOUT" in caught.value.way_out


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("postgres", ("postgres", "latest")),
        ("postgres:17-bookworm", ("postgres", "17-bookworm")),
        ("mirror.example:5000/library/postgres", ("mirror.example:5000/library/postgres", "latest")),
        ("mirror.example:5000/library/postgres:17", ("mirror.example:5000/library/postgres", "17")),
        (f"postgres@{DIGEST}", ("postgres", DIGEST)),
        (f"mirror.example:5000/postgres:17@{DIGEST}", ("mirror.example:5000/postgres:17", DIGEST)),
    ],
)
def test_an_image_is_pulled_by_its_tag_or_its_digest(name: str, asked: tuple[str, str]) -> None:
    seen: list[tuple[str, str]] = []

    def api(repository: str, *, tag: str, **_: Any) -> list[dict[str, Any]]:
        seen.append((repository, tag))
        return []

    pull(cast("Any", SimpleNamespace(api=SimpleNamespace(pull=api))), name, print)
    assert seen == [asked]
