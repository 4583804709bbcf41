"""By which way a webhook is called."""

import socket
from typing import NoReturn

import pytest

from services.notices import webhook
from tests.support.phone import phone


def nobody_knows_it(*_: object, **__: object) -> NoReturn:
    """At once, whatever the machine's own resolver would do about a name of nobody."""
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


async def test_the_environments_proxy_is_asked_for_others_and_not_for_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    async with phone() as own, phone() as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        assert (await webhook.call(f"http://127.0.0.1:{own.port}/ring", None, "x", {"to": "own"}, 5))[0]
        assert own.bodies == [{"to": "own"}] and not proxy.calls
        assert (await webhook.call("http://phone.invalid/ring", None, "x", {"to": "another"}, 5))[0]
        assert proxy.bodies == [{"to": "another"}] and proxy.calls[0][0]["host"] == "phone.invalid"
        monkeypatch.setenv("NO_PROXY", "phone.invalid")
        monkeypatch.setattr(socket, "getaddrinfo", nobody_knows_it)
        assert await webhook.call("http://phone.invalid/ring", None, "x", {}, 5) == (
            False, "The webhook can't be reached (ConnectError).",
        )  # fmt: skip
