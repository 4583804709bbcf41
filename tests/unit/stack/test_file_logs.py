"""Log files of local services are followed through everything that happens to them."""

from pathlib import Path

import pytest

from services.stack import file_logs
from services.stack.file_logs import follow


@pytest.mark.parametrize(("tail", "shown"), [(0, []), (1, ["c"]), (2, ["b", "c"]), (9, ["a", "b", "c"])])
def test_the_last_lines(tmp_path: Path, tail: int, shown: list[str]) -> None:
    (tmp_path / "one.log").write_text("a\nb\nc\n")
    assert [line for _, line in follow({"one": tmp_path / "one.log"}, tail, go_on=False)] == shown


def test_the_last_lines_of_a_long_file(tmp_path: Path) -> None:
    lines = [f"{number:08}" * 10 for number in range(10_000)]
    (tmp_path / "one.log").write_text("\n".join(lines) + "\n")
    assert [line for _, line in follow({"one": tmp_path / "one.log"}, 3_000, go_on=False)] == lines[-3_000:]


def test_it_goes_on_through_rotation_emptying_and_halves_of_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "one.log"
    steps = iter([
        lambda: path.write_text("first\nsec"),
        lambda: path.open("a").write("ond\n"),
        lambda: path.open("a").write("last before\n"),
        lambda: (path.rename(tmp_path / "one.log.1"), path.write_text("after\n")),
        lambda: (path.write_text(""), path.open("a").write("")),
        lambda: path.write_text("new\n"),
    ])  # fmt: skip

    def act(_seconds: float) -> None:
        step = next(steps, None)
        if step is None:
            raise StopFollowing
        step()

    monkeypatch.setattr(file_logs.time, "sleep", act)
    seen: list[str] = []
    with pytest.raises(StopFollowing):
        for _, line in follow({"one": path}, 10, go_on=True):
            seen.append(line)
    assert seen == ["first", "second", "last before", "after", "new"]


class StopFollowing(Exception):
    """The test has seen enough."""
