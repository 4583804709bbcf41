"""The one client of the hub's public HTTP API, as curl would use it: the demo's hands, and those of `wf`."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from services.demo.errors import HubRefused, HubSilent

Json = dict[str, Any]
PAGE = 500  # rows asked for at once
SECONDS = 30.0


@dataclass(frozen=True)
class Listed:
    """Rows of a list, and how many there are of them in all."""

    rows: list[Json]
    total: int


class HubClient:
    """Calls of main-api with the owner's token. A refusal is HubRefused with the hub's own sentence.

    `transport` is for a way there that is not httpx's own, such as a name that only browsers resolve.
    """

    def __init__(
        self, url: str, token: str, transport: httpx.BaseTransport | None = None, seconds: float = SECONDS
    ) -> None:
        self.url = url
        self.headers = {"Authorization": f"Bearer {token}"}
        self._http = httpx.Client(
            base_url=url, headers=self.headers, timeout=seconds, trust_env=False, transport=transport
        )

    def close(self) -> None:
        """Ends its connections."""
        self._http.close()

    def get(self, path: str, **query: Any) -> Any:
        return self._call("GET", path, params=query or None)

    def post(self, path: str, **body: Any) -> Any:
        return self._call("POST", path, json=body)

    def put(self, path: str, **body: Any) -> Any:
        return self._call("PUT", path, json=body)

    def patch(self, path: str, **body: Any) -> Any:
        return self._call("PATCH", path, json=body)

    def delete(self, path: str, **query: Any) -> Any:
        return self._call("DELETE", path, params=query or None)

    def upload(self, path: str, files: Sequence[tuple[str, Any]], **fields: str) -> Any:
        """A form with files: each a name and what is read from. There is no time limit but the hub's own."""
        parts = [("file", file) for file in files]
        return self._call("POST", path, data=fields, files=parts, timeout=httpx.Timeout(None, connect=SECONDS))

    def listed(self, path: str, most: int, **query: Any) -> Listed:
        """The first `most` rows of a list, page by page."""
        rows: list[Json] = []
        asked = {name: value for name, value in query.items() if value is not None}
        while True:
            answer = self._answer("GET", path, params={**asked, "limit": min(PAGE, most - len(rows))})
            rows += answer.json()
            cursor = answer.headers.get("X-Next-Cursor")
            if not cursor or len(rows) >= most:
                return Listed(rows, int(answer.headers.get("X-Total-Count", len(rows))))
            asked["cursor"] = cursor

    def events(self, after: int, silent_seconds: float, pause: float = 0.1) -> Iterator[Json]:
        """The hub's events after a number, as they happen. Raises HubSilent when nothing happens for too long."""
        heard = time.monotonic()
        while True:
            try:
                batch: list[Json] = self.get("/events", after=after)
            except httpx.TransportError:
                batch = []  # main-api may be restarting; silence is bounded below
            for event in batch:
                after, heard = int(event["seq"]), time.monotonic()
                yield event
            if time.monotonic() - heard > silent_seconds:
                raise HubSilent(
                    f"Nothing happened in the hub for {silent_seconds:.0f} s.", "Look at the logs: ./start.sh status."
                )
            if not batch:
                time.sleep(pause)

    def last_event(self) -> int:
        """The number of the newest event, to follow only what comes."""
        after = 0
        while batch := self.get("/events", after=after):
            after = int(batch[-1]["seq"])
        return after

    def _call(self, method: str, path: str, **options: Any) -> Any:
        answer = self._answer(method, path, **options)
        return answer.json() if answer.content else None

    def _answer(self, method: str, path: str, **options: Any) -> httpx.Response:
        answer = self._http.request(method, path, **options)
        if answer.status_code >= 400:
            try:
                problem: Json = answer.json()
            except ValueError:
                problem = {"detail": answer.text[:200]}
            detail, way_out = str(problem.get("detail", answer.status_code)), str(problem.get("way_out", ""))
            raise HubRefused(
                detail,
                way_out,
                status=answer.status_code,
                told=problem.get("code", ""),
                errors=problem.get("errors", []),
            )
        return answer
