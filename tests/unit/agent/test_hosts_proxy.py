"""The proxy of granted hosts keeps out whoever does not know its password, whatever they send in its place."""

import asyncio
from base64 import b64encode
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from agent_api.cage.hosts_proxy import way_out
from agent_api.cage.policy import ResolvedCage

HEAD = b"CONNECT 127.0.0.1:9 HTTP/1.1\r\nProxy-Authorization: %s\r\n\r\n"


async def answer(port: int, said: bytes) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEAD % said)
    try:
        return (await asyncio.wait_for(reader.read(), 10)).decode().partition("\r\n")[0]
    finally:
        writer.close()


async def test_a_wrong_password_is_refused_in_any_alphabet(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cage = ResolvedCage("landlock", (), (), (), tmp_path)
    async with way_out(cage, ["granted.example:443"], lambda _: None) as way:
        address = urlsplit(way.env["HTTPS_PROXY"])
        assert address.port is not None
        wrong = b64encode(b"wfhub:guessed")
        for said in (b"Basic " + wrong, b"Basic p\xe4ssword", "Basic пароль".encode(), b"\xff", b""):
            assert await answer(address.port, said) == "HTTP/1.1 407 Proxy Authentication Required", said
        right = b64encode(f"{address.username}:{address.password}".encode())
        assert await answer(address.port, b"Basic " + right) == "HTTP/1.1 403 Forbidden"
    assert not caplog.records
