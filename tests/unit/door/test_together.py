"""An answer's head goes out with its first bytes, nothing is held back, and nothing changes places."""

import asyncio

from main_api.door.together import Together


class Packets:
    """What was written, call by call; closing is told in its place."""

    def __init__(self) -> None:
        self.told: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.told.append(data)

    def close(self) -> None:
        self.told.append(b"closed")

    def is_closing(self) -> bool:
        return False


async def made() -> tuple[Together, Packets]:
    packets = Packets()
    return Together(packets, asyncio.get_running_loop(), packets.close), packets  # type: ignore[arg-type]


async def test_a_head_and_its_body_are_one_packet_and_what_follows_goes_at_once() -> None:
    answer, packets = await made()
    answer.write(b"head ")
    answer.write(b"body")
    answer.write(b"more")
    assert packets.told == [b"head body", b"more"]
    await asyncio.sleep(0)
    assert packets.told == [b"head body", b"more"]


async def test_a_head_alone_goes_out_with_the_next_turn_of_the_loop() -> None:
    answer, packets = await made()
    answer.write(b"head")
    assert packets.told == []
    await asyncio.sleep(0)
    assert packets.told == [b"head"]
    answer.write(b"body")
    assert packets.told == [b"head", b"body"]


async def test_closing_sends_what_was_held_first() -> None:
    answer, packets = await made()
    answer.write(b"head")
    answer.close()
    await asyncio.sleep(0)
    assert packets.told == [b"head", b"closed"]


async def test_all_else_is_the_connections_own() -> None:
    answer, _ = await made()
    assert answer.is_closing() is False
