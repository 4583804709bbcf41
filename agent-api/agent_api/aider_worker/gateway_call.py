"""Model calls through the gateway: fixed bytes out, whole answer in, outages waited out."""

import http.client
import json
import socket
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from agent_api.aider_worker.protocol import EditRequest, Stop
from agent_api.gateway_problems import Problem, read_problem, unreachable, waited_out

MOST_BYTES = 32 * 2**20  # of an answer: more is no edit
FIRST_DELAY, LONGEST_DELAY = 0.2, 5.0  # seconds


class Gateway:
    """The run's way to its model. Its address is looked up once, when this is made.

    litellm's client is not used: it hides the gateway's problem codes, retries on its own, and reports some cut
    answers as complete.
    """

    def __init__(self, request: EditRequest) -> None:
        self._url, self._key = urlsplit(request.base_url), request.api_key
        self._timeout, self._wait_seconds = request.run_seconds, request.gateway_wait_seconds
        self._secure = self._url.scheme == "https"
        self._port = self._url.port or (443 if self._secure else 80)
        self._address = self._look_up()

    def ask(self, body: dict[str, Any], notice: Callable[[str], None]) -> dict[str, Any]:
        """POST `body` to `<base_url>/chat/completions`; the same body always gives the same bytes.

        Raises Stop when the gateway refuses for good, or was away for longer than the limit.
        """
        data = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        away_since: float | None = None
        delay = FIRST_DELAY
        while True:
            answer = self._once(data)
            if not isinstance(answer, Problem):
                if away_since is not None:
                    notice("The gateway answers again.")
                return answer
            if not answer.retry:
                raise Stop(answer.outcome, answer.reason, answer.sentence)
            if away_since is None:
                away_since = time.monotonic()
                notice(f"{answer.sentence} Waiting up to {self._wait_seconds:.0f} s for it.")
            waited = time.monotonic() - away_since
            if waited >= self._wait_seconds:
                end = waited_out(answer, waited)
                raise Stop(end.outcome, end.reason, end.sentence)
            time.sleep(min(delay, self._wait_seconds - waited))
            delay = min(delay * 2, LONGEST_DELAY)

    def _once(self, data: bytes) -> dict[str, Any] | Problem:
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._url.hostname or "", self._port, timeout=self._timeout)
        connection._create_connection = lambda _, *rest: socket.create_connection((self._address, self._port), *rest)
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        try:
            connection.request("POST", self._url.path.rstrip("/") + "/chat/completions", data, headers)
            response = connection.getresponse()
            status, answer = response.status, response.read(MOST_BYTES + 1)
            if len(answer) <= MOST_BYTES and response.length:  # a read of so many bytes does not say that more was due
                raise http.client.IncompleteRead(answer, response.length)
        except (OSError, http.client.HTTPException) as error:
            return unreachable(type(error).__name__)
        finally:
            connection.close()
        if len(answer) > MOST_BYTES:
            return Problem("failed", "model_nonsense", f"The model's answer is longer than {MOST_BYTES >> 20} MB.")
        return _whole(answer) if status == 200 else read_problem(status, answer)

    def _look_up(self) -> str:
        host = self._url.hostname or ""
        try:
            return str(socket.getaddrinfo(host, self._port, type=socket.SOCK_STREAM)[0][4][0])
        except OSError:
            return host  # asked again by the call, which waits for the gateway


def _whole(data: bytes) -> dict[str, Any] | Problem:
    try:
        answer = json.loads(data)
        choice = answer["choices"][0]
        if isinstance(choice["message"].get("content"), str | None) and "finish_reason" in choice:
            return answer
    except (ValueError, LookupError, TypeError, AttributeError):
        pass
    return Problem("failed", "model_nonsense", "The gateway's answer is not a chat completion.")
