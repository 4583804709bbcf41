"""How often signing in may fail, and who is kept out by whom."""

import pytest

from services.sessions.browsers import in_words
from services.sessions.failures import MOST_CLIENTS, FailedSignIns, Limits, client_of, is_shared


class Clock:
    """A time that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def made(per_client: int = 3, overall: int = 100) -> tuple[FailedSignIns, Clock]:
    clock = Clock()
    return FailedSignIns(Limits(per_client, overall, 60.0), clock), clock


def test_a_client_may_fail_so_often_and_again_when_time_has_passed() -> None:
    failures, clock = made()
    assert [failures.failed("8.8.8.8") for _ in range(5)] == [0, 0, 0, 20, 20]
    clock.now += 20.1
    assert [failures.failed("8.8.8.8") for _ in range(2)] == [0, 20]
    clock.now += 10_000
    assert [failures.failed("8.8.8.8") for _ in range(4)] == [0, 0, 0, 20]


def test_one_client_costs_no_other_its_tries() -> None:
    failures, _ = made()
    for _ in range(10):
        failures.failed("8.8.8.8")
    assert failures.failed("9.9.9.9") == 0
    assert failures.shut_out("8.8.8.8") > 0 and failures.shut_out("9.9.9.9") == 0


def test_all_together_have_a_limit_too() -> None:
    failures, clock = made(per_client=3, overall=10)
    waits = [failures.failed(f"8.8.{number}.8") for number in range(12)]
    assert waits == [0] * 10 + [6, 6]
    assert failures.shut_out("9.9.9.9") == 0, "what others do keeps nobody from trying"
    clock.now += 6.1
    assert failures.failed("9.9.9.9") == 0


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "172.17.0.1", "192.168.1.7", "::ffff:127.0.0.1", ""])
def test_from_a_shared_address_nobody_is_shut_out(address: str) -> None:
    failures, _ = made()
    waits = [failures.failed(address) for _ in range(5)]
    assert waits[-1] > 0 and failures.shut_out(address) == 0 and is_shared(address)


def test_many_clients_cost_no_memory() -> None:
    failures, _ = made(overall=1_000_000)
    for number in range(5 * MOST_CLIENTS):
        failures.failed(f"8.{number // 65536}.{number // 256 % 256}.{number % 256}")
    assert len(failures._buckets) <= MOST_CLIENTS


def test_a_household_of_ipv6_is_one_client() -> None:
    assert client_of("2a00:1450:4001:82a::200e") == client_of("2a00:1450:4001:82a:ffff::1") != client_of("2a00::1")
    assert client_of("no address") == "no address" and client_of("") == "unknown"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/137.0 Safari/537.36 Edg/137.0",
         "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1 Version/18.5 Safari/604.1",
         "Safari on iPhone"),
        ("python-httpx/0.28.1", "python-httpx"), ("", "unknown"), ("<script>", "<script>"),
    ],
)  # fmt: skip
def test_a_browser_is_told_in_words(user_agent: str, words: str) -> None:
    assert in_words(user_agent) == words
