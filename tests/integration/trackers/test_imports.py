"""An import that could not be begun is not under way."""

from typing import Any
from unittest.mock import AsyncMock

import pytest

from services.domain.errors import HubError
from services.store.models import TrackerProject
from services.trackers.imports import Chosen, Imports


async def test_one_whose_event_could_not_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing: Any = None
    imports = Imports(nothing, nothing, nothing, most=10, most_bytes=10)
    link = TrackerProject(id=1, project_id=1, credential_id=1, name="Till")
    monkeypatch.setattr(imports, "_link", AsyncMock(return_value=link))
    monkeypatch.setattr(imports, "_tell", AsyncMock(side_effect=HubError("The database is away.")))
    for _ in range(2):  # a second try meets the same, and no import that is under way
        with pytest.raises(HubError, match="The database is away"):
            await imports.begin(1, Chosen(("7",)), "person")
    assert imports.known(1) == []
