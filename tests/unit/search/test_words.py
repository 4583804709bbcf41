"""What was typed, cut into words; and snippets around what was found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.search.words import LONGEST, Piece, snippet, words_of


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Refund limit", ["refund", "limit"]),
        ('"refund" AND (limit OR NOT x*)', ["refund", "and", "limit", "or", "not", "x"]),
        ("till/refunds.py::test_x", ["till", "refunds", "py", "test", "x"]),
        ("Café ÜBER naïve", ["cafe", "uber", "naive"]),
        ("POC-12", ["poc", "12"]),
        ("مرحبا بالعالم", ["مرحبا", "بالعالم"]),
        ("हिन्दी", ["हिन्दी"]),
        ("🚀🎉", []),
        ("  \t ", []),
        ("a a A", ["a"]),
        (" ".join(map(str, range(50))), [str(n) for n in range(12)]),
    ],
)
def test_words(typed: str, words: list[str]) -> None:
    assert words_of(typed) == words


@given(st.text(max_size=300))
def test_words_hold_nothing_that_a_query_language_reads(typed: str) -> None:
    for word in words_of(typed):
        assert word and not set(word) & set("\"'()*:&|!<>-^\\ \0")


def marked(text: str, *words: str) -> str:
    return "".join(f"[{piece.text}]" if piece.match else piece.text for piece in snippet(text, list(words)))


def test_matches_are_marked_where_words_begin() -> None:
    assert marked("Refund the refunded; prefund not.", "refund") == "[Refund] the [refund]ed; prefund not."
    assert marked("Un café crème", "cafe") == "Un [café] crème"
    assert marked("cafe\u0301s", "cafe") == "[cafe\u0301]s"
    assert marked("nothing here", "x") == "nothing here"
    assert marked("<b>bold</b>", "bold") == "<b>[bold]</b>"


def test_a_long_text_is_cut_around_the_first_match() -> None:
    text = "word " * 200 + "needle " + "tail " * 200
    pieces = snippet(text, ["needle"])
    assert pieces[0] == Piece("… ", False) and pieces[-1].text.endswith(" …")
    assert [piece.text for piece in pieces if piece.match] == ["needle"]
    assert sum(len(piece.text) for piece in pieces) <= LONGEST + 4


@given(st.text(max_size=400), st.text(max_size=60))
def test_no_text_breaks_a_snippet(text: str, typed: str) -> None:
    assert sum(len(piece.text) for piece in snippet(text, words_of(typed))) <= LONGEST + 4
