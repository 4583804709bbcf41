"""A WebSocket of the hub that is opened again when it breaks, and says how it stands."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any, Literal

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from services.cli.follow import AGAIN_SECONDS, FRAME, OPEN_SECONDS, address
from services.demo.hub_client import HubClient

Json = dict[str, Any]
Standing = Literal["connecting", "live", "reconnecting", "refused"]
At = Callable[[], Json]


async def frames(client: HubClient, path: str, at: At, stands: Callable[[Standing], None]) -> AsyncIterator[Json]:
    """Frames for ever; `at` is the query that goes on where the last connection ended. Ends where the hub closes the
    stream itself, or refuses it."""
    failed = 0
    stands("connecting")
    while True:
        with contextlib.suppress(OSError, ConnectionClosed, InvalidHandshake, TimeoutError):
            try:
                opening = connect(
                    address(client, path, at()), additional_headers=client.headers, max_size=FRAME, proxy=None,
                    open_timeout=OPEN_SECONDS,
                )  # fmt: skip
                async with opening as stream:
                    failed = 0
                    stands("live")
                    async for frame in stream:
                        yield json.loads(frame)
                    return
            except InvalidStatus as refused:
                if refused.response.status_code < 500:
                    stands("refused")
                    return
        stands("reconnecting")
        await asyncio.sleep(AGAIN_SECONDS[min(failed, len(AGAIN_SECONDS) - 1)])
        failed += 1
