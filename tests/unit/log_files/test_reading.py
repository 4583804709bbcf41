"""Reading a log from any place, while it rotates, is emptied, and is written to."""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.log_files.folder import LogFolders
from services.log_files.opened import OpenLog, Spot, opened
from services.log_files.reading import Page, Reading, whole_line
from services.log_files.wanted import Wanted
from services.log_files.when import first_since
from services.logs.kept import Kept
from services.logs.rotation import Rotation
from services.redaction import KNOWN

BEGUN = datetime(2026, 1, 1, tzinfo=UTC)
ALL = Wanted()


def told(number: int, level: str = "info", **more: object) -> str:
    at = (BEGUN + timedelta(seconds=number)).isoformat()
    return json.dumps({"event": f"line {number}", "level": level, "timestamp": at, "number": number, **more})


def writer(path: Path, files: int = 5, file_bytes: int = 1_000_000) -> Kept:
    return Kept(Rotation(path, file_bytes, files))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "main-api.log"


def finish(reading: Reading) -> Page:
    while not reading.done:
        reading.step()
    return reading.page()


def newest(path: Path, limit: int = 10, wanted: Wanted = ALL, after: str = "") -> Page:
    with opened(path) as log:
        low = log.spot(after) if after else None
        reading = Reading(log, wanted, low or log.begin, log.end, True, limit, bool(after) and low is None, bool(after))
        return finish(reading)


def numbers(page: Page) -> list[int]:
    return [int(line.event.split()[1]) for line in page.lines]


def test_pages_join_without_a_gap_in_both_directions(path: Path) -> None:
    log = writer(path, file_bytes=5_000)
    for number in range(150):
        log.write(told(number) + "\n")
    page = newest(path, 40)
    assert numbers(page) == list(range(110, 150)) and not page.complete
    seen, first = numbers(page), page.first
    while not page.complete:
        with opened(path) as opened_log:
            high = opened_log.spot(first)
            assert high is not None
            page = finish(Reading(opened_log, ALL, opened_log.begin, high, True, 40))
        seen, first = numbers(page) + seen, page.first
    assert seen == list(range(150))
    forward: list[int] = []
    position = first
    while True:
        with opened(path) as opened_log:
            low = opened_log.spot(position)
            assert low is not None
            page = finish(Reading(opened_log, ALL, low, opened_log.end, False, 33))
        forward, position = forward + numbers(page), page.last
        if page.complete:
            break
    assert forward == list(range(150))


def test_a_follower_meets_every_line_once_while_the_log_rotates(path: Path) -> None:
    log = writer(path, files=6, file_bytes=2_000)
    seen: list[int] = []
    position = ""
    for number in range(600):
        log.write(told(number) + "\n")
        if number % 7 == 0:
            page = newest(path, 100, after=position)
            assert page.skipped is None and not page.lost
            seen, position = seen + numbers(page), page.last
    assert seen == list(range(596))


def test_what_is_too_much_is_skipped_and_told_and_can_be_had(path: Path) -> None:
    log = writer(path, file_bytes=20_000)
    log.write(told(0) + "\n")
    position = newest(path).last
    for number in range(1, 500):
        log.write(told(number) + "\n")
    page = newest(path, 20, after=position)
    assert numbers(page) == list(range(480, 500))
    assert page.skipped is not None and page.skipped.lines == 479
    with opened(path) as opened_log:
        low, high = opened_log.spot(page.skipped.after), opened_log.spot(page.skipped.before)
        assert low is not None and high is not None
        assert numbers(finish(Reading(opened_log, ALL, low, high, False, 1_000))) == list(range(1, 480))


def test_a_position_whose_file_is_gone_or_emptied_is_told(path: Path) -> None:
    log = writer(path, files=2, file_bytes=2_000)
    log.write(told(0) + "\n")
    position = newest(path).last
    for number in range(1, 200):
        log.write(told(number) + "\n")
    page = newest(path, 1_000, after=position)
    assert page.lost and numbers(page)[-1] == 199
    position = page.last
    LogFolders((path.parent,)).clear("main-api")
    log.write(told(1_000) + "\n")
    page = newest(path, after=position)
    assert page.lost and numbers(page) == [1_000], "the process writes on at the beginning"
    assert path.read_bytes().startswith(b"{"), "no hole where the old lines were"
    for number in range(1_001, 1_200):
        log.write(told(number) + "\n")
    assert newest(path, after=position).lost, "it has grown beyond the old place, and is another file all the same"


def test_a_line_is_not_shown_before_it_is_whole(path: Path) -> None:
    path.write_text(told(1) + "\n" + told(2)[:20])
    assert numbers(newest(path)) == [1]
    with path.open("a") as file:
        file.write(told(2)[20:] + "\n")
    assert numbers(newest(path)) == [1, 2]
    path.write_text(told(1) + "\nKilled")
    old = time.time() - 60
    os.utime(path, (old, old))
    assert [line.event for line in newest(path).lines] == ["line 1", "Killed"], "nobody finishes that one"


def test_levels_and_words(path: Path) -> None:
    lines = [told(1), told(2, "warning"), told(3, "error", why='he said "no"'), "Traceback (most recent call last):"]
    path.write_text("\n".join([*lines, told(5, place="Zürich \U0001f680"), ""]))

    def found(text: str = "", *levels: str) -> list[str]:
        return [line.event for line in newest(path, 50, Wanted(frozenset(levels), text)).lines]  # type: ignore[arg-type]

    assert found("", "warning") == ["line 2"]
    assert found("", "warning", "error") == ["line 2", "line 3"]
    assert found("", "other") == ["Traceback (most recent call last):"]
    assert found("LINE 3") == ["line 3"]
    assert found('said "no"') == ["line 3"]
    assert found("ZÜRICH") == ["line 5"]
    assert found("\U0001f680") == ["line 5"]
    assert found(".*") == []
    assert found("line", "error") == ["line 3"]


def test_a_page_that_found_enough_begins_at_its_first_line(path: Path) -> None:
    path.write_text("".join(told(n, "error" if n % 10 == 0 else "info") + "\n" for n in range(3_000)))
    seen: list[int] = []
    with opened(path) as log:
        high = log.end
        while True:
            page = finish(Reading(log, Wanted(frozenset({"error"})), log.begin, high, True, 7))
            seen = numbers(page) + seen
            if page.complete:
                break
            high = log.spot(page.first) or log.begin
    assert seen == list(range(0, 3_000, 10))


@pytest.mark.parametrize("number", [0, 1, 777, 1_999, 2_000])
def test_times_are_found_over_all_files(path: Path, number: int) -> None:
    log = writer(path, file_bytes=30_000, files=20)
    for each in range(2_000):
        log.write(told(each) + "\n" + ("Traceback\n  File x\n" if each % 50 == 0 else ""))
    with opened(path) as opened_log:
        low = first_since(opened_log, BEGUN + timedelta(seconds=number))
        page = finish(Reading(opened_log, ALL, low, opened_log.end, False, 1))
    assert numbers(page) == ([number] if number < 2_000 else [])


def test_nothing_of_a_line_can_act(path: Path) -> None:
    path.write_bytes(
        b'{"event": "<script>alert(1)</script>", "level": "info", "say": "\\u001b[31mred\\u202e", "n": NaN}\n'
        b"\x1b]0;title\x07 raw \xff\xfe \x00 line\r\n" + b'{"event": ' + b"[" * 5_000 + b"\n" + b"{}\n"
    )
    first, second, third, fourth = newest(path).lines
    assert first.event == "<script>alert(1)</script>"
    assert first.fields == {"say": "␛[31mred\\u202e", "n": "nan"}
    assert second.event == "␛]0;title␇ raw \\xff\\xfe ␀ line␍"
    assert third.level == "other" and third.cut
    assert (fourth.event, fourth.level, fourth.fields) == ("", "other", {})


def test_a_long_line_is_cut_and_can_be_had_whole(path: Path) -> None:
    path.write_text(told(1, body="y" * 50_000) + "\n" + told(2) + "\n")
    line = newest(path).lines[0]
    assert line.cut and len(line.fields["body"]) < 2_000
    with opened(path) as log:
        assert whole_line(log.files[0], 0).fields["body"] == "y" * 50_000


def test_a_line_without_an_end_is_taken_in_pieces(path: Path) -> None:
    path.write_bytes(b"z" * 2_500_000)
    page = newest(path, 50)
    assert len(page.lines) == 3 and all(line.cut for line in page.lines)


def test_secrets_are_not_shown_found_or_left_at_an_edge(path: Path) -> None:
    secret = "Zk3vRr0hJ2m9Qw8sXb71"
    body = "\n".join("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7" for _ in range(40))
    key = f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"
    with KNOWN.knowing("SOME_TOKEN", secret):
        path.write_text(told(1, why=f"with {secret}") + "\n" + key + told(2) + "\n")
        shown = newest(path, 10).lines
        everything = [*shown, *newest(path, 100).lines]
        assert not any(secret in str(line) or "MIIEvQ" in line.event for line in everything)
        assert numbers(Page([shown[-1]], "", "", True)) == [2]
        assert newest(path, 10, Wanted(text=secret)).lines == [], "nobody can ask whether it stands there"
        assert newest(path, 10, Wanted(text="MIIEvQIB")).lines == []
    assert newest(path, 10, Wanted(text=secret)).lines, "without the protection it is found"


def test_a_log_that_is_not_there_yet(path: Path) -> None:
    page = newest(path)
    assert (page.lines, page.first, page.last, page.complete) == ([], "", "", True)
    path.touch()
    assert newest(path).last == ""
    with opened(path) as log:
        assert isinstance(log, OpenLog) and log.begin == log.end == Spot(0, 0)
