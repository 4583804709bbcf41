"""Run tokens: the same each time, and nobody else's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.models.errors import RunTokenInvalid
from services.models.run_tokens import RunToken, issue, verify

SECRET = "Zk3vRr0hJ2m9Qw8sXb71LtYcNn5uPd6e"
RUN = "0192b7a4-7c1e-7d3a-9d5f-2f6a1c0b4e11"
TOKEN = issue(SECRET, RUN, "2-aider")


def test_a_token_tells_its_run_and_step() -> None:
    assert issue(SECRET, RUN, "2-aider") == TOKEN and TOKEN.startswith(f"wfr_{RUN}.2-aider.")
    assert verify(SECRET, TOKEN) == RunToken(RUN, "2-aider", 1)
    assert verify(SECRET, f"{TOKEN}.7") == RunToken(RUN, "2-aider", 7)


@given(at=st.integers(0, len(TOKEN) - 1), character=st.sampled_from("abcXYZ019-_. é\0"))
def test_no_change_of_one_character_opens(at: int, character: str) -> None:
    changed = TOKEN[:at] + character + TOKEN[at + 1 :]
    if changed != TOKEN:
        with pytest.raises(RunTokenInvalid):
            verify(SECRET, changed)


@pytest.mark.parametrize("end", [".0", ".", ".-1", ".1.1", ".x", ".01", ".1234567", ".١"])
def test_an_incarnation_is_a_small_positive_number(end: str) -> None:
    with pytest.raises(RunTokenInvalid):
        verify(SECRET, TOKEN + end)


def test_another_secret_or_nothing_opens_nothing() -> None:
    for token in (issue(SECRET[::-1], RUN, "2-aider"), "", "wfr_", SECRET, "wfr_a.b.c"):
        with pytest.raises(RunTokenInvalid):
            verify(SECRET, token)


@pytest.mark.parametrize(("run", "step"), [("a.b", "edit"), (RUN, "a.b"), (RUN, "Edit"), ("", "edit"), (RUN, "")])
def test_what_cannot_stand_in_a_token_is_not_issued(run: str, step: str) -> None:
    with pytest.raises(ValueError, match="no token"):
        issue(SECRET, run, step)
