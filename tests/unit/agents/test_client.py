"""What stands before an agent may answer in any form: it is waited out like the agent's own absence."""

import httpx
import pytest

from services.agents.client import _refuse  # pyright: ignore[reportPrivateUsage]
from services.agents.errors import AgentBusy, AgentRefused, AgentUnreachable


@pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b"\xff\xfe\x00", b'"away"', b"[1]", b"null"])
@pytest.mark.parametrize(("status", "error"), [(502, AgentUnreachable), (429, AgentBusy), (400, AgentRefused)])
def test_an_answer_of_any_form_is_an_error_that_is_known(body: bytes, status: int, error: type[Exception]) -> None:
    with pytest.raises(error, match=f"status {status}"):
        _refuse(httpx.Response(status, content=body))


def test_what_the_agent_says_is_passed_on() -> None:
    with pytest.raises(AgentRefused, match="The agent refused: No such step") as caught:
        _refuse(httpx.Response(400, json={"detail": "No such step", "way_out": "Name another."}))
    assert caught.value.way_out == "Name another."
