"""The tools' answers: what is cut or left out is said, files keep their encodings, diffs apply whole or not at all."""

import os
import time
from pathlib import Path

import pytest

from agent_api.errors import HubError, OutsideWorkspace, ToolRefused
from agent_api.workspace_tools.edit import edit
from agent_api.workspace_tools.glob import glob
from agent_api.workspace_tools.grep import grep
from agent_api.workspace_tools.limits import ToolLimits
from agent_api.workspace_tools.patch import patch
from agent_api.workspace_tools.pattern import matcher
from agent_api.workspace_tools.read import read
from agent_api.workspace_tools.write import write

SMALL = ToolLimits(answer_characters=50, line_characters=20, file_bytes=1000, seconds=5)


@pytest.mark.parametrize(
    ("content", "encoding", "text"),
    [
        (b"\xef\xbb\xbfone\ntwo\n", "utf-8", "one\ntwo\n"),
        ("zw\u00f6lf\n".encode("latin-1"), "latin-1", "zw\u00f6lf\n"),
        ("h\u00e9\n".encode("utf-16"), "utf-16-le", "h\u00e9\n"),
        (b"\xfe\xff" + "h\u00e9\n".encode("utf-16-be"), "utf-16-be", "h\u00e9\n"),
        (b"a\r\nb", "utf-8", "a\r\nb"),
        (b"", "utf-8", ""),
    ],
)
async def test_encodings(tmp_path: Path, content: bytes, encoding: str, text: str) -> None:
    """What is read is the text; an edit keeps the bytes around it as they were."""
    (tmp_path / "f").write_bytes(content)
    found = await read(tmp_path, "f")
    assert (found.text, found.encoding, found.truncated) == (text, encoding, False)
    if text:
        await edit(tmp_path, "f", text[:2], "Q")
        assert (tmp_path / "f").read_bytes() == content.replace(text[:2].encode(encoding), "Q".encode(encoding), 1)


@pytest.mark.parametrize("named", ["base64", "nonsense", "ascii"])
async def test_encodings_that_are_none(tmp_path: Path, named: str) -> None:
    (tmp_path / "f").write_text("\u00e9")
    with pytest.raises(ToolRefused):
        await read(tmp_path, "f", encoding=named)


async def test_ranges(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("".join(f"{n}\n" for n in range(1, 12)) + "last")
    for start, end, text, last in (
        (3, 4, "3\n4\n", 4),
        (12, None, "last", 12),
        (11, 99, "11\nlast", 12),
        (13, None, "", 12),
    ):
        found = await read(tmp_path, "f", start, end)
        assert (found.text, found.end, found.total_lines, found.truncated) == (text, last, 12, False), (start, end)
        assert bool(found.notes) == (start == 13)
    with pytest.raises(ToolRefused, match="no range"):
        await read(tmp_path, "f", 4, 3)


async def test_what_is_too_much_is_said(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("".join(f"line {n:03}\n" for n in range(100)))
    (tmp_path / "long").write_text("x" * 500 + "needle" + "y" * 500 + "\nneedle\n")
    found = await read(tmp_path, "f", limits=SMALL)
    assert (found.end, found.truncated, found.total_lines) == (5, True, 100)
    assert "start=6" in found.notes[0]
    found = await read(tmp_path, "long", limits=SMALL)
    assert (found.text, found.end, found.truncated) == ("x" * 50, 1, True) and "middle of line 1" in found.notes[0]
    seen = await grep(tmp_path, "needle", limits=SMALL)
    assert [(line.line, len(line.text), line.cut) for line in seen.lines] == [(1, 20, True), (2, 6, False)]
    assert "needle" not in seen.lines[0].text or seen.truncated
    seen = await grep(tmp_path, "line", limits=SMALL)
    assert seen.truncated and "50 characters" in seen.notes[0] and seen.matches == 6
    listed = await glob(tmp_path, limit=1)
    assert (listed.paths, listed.truncated, len(listed.notes)) == (("f",), True, 1)
    for attempt in (
        edit(tmp_path, "long", "needle\n", "x", limits=SMALL),
        write(tmp_path, "n", "x" * 2000, limits=SMALL),
    ):
        with pytest.raises(ToolRefused, match="limit is 1000"):
            await attempt


async def test_many_matches_come_in_one_order(tmp_path: Path) -> None:
    """Threads find them in any order, but the model's next question must be the same when the step is done again."""
    for folder in range(20):
        (tmp_path / f"d{folder:02}").mkdir()
        for name in range(20):
            (tmp_path / f"d{folder:02}" / f"f{name:02}").write_text("needle\n" * 3)
    answers = {(await grep(tmp_path, "needle", limit=70)).model_dump_json() for _ in range(3)}
    assert len(answers) == 1
    found = await grep(tmp_path, "needle", limit=70)
    assert [line.path for line in found.lines] == sorted(line.path for line in found.lines)
    assert (found.matches, found.files, found.truncated) == (70, 24, True)


async def test_a_hostile_tree(tmp_path: Path) -> None:
    """A 2 GB file, a binary one, names with newlines and without UTF-8, a million lines that nobody asked for."""
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(2 << 30)
    (tmp_path / "binary").write_bytes(b"needle\n" + b"\0" * 70_000)
    (tmp_path / "new\nline").write_text("needle\n")
    (tmp_path / os.fsdecode(b"\xff")).write_text("needle\n")
    (tmp_path / "latin").write_bytes(b"needle \xfc\n")
    (tmp_path / "flood").write_text("needle of a flood\n" * 300_000)
    begun = time.process_time()
    found = await grep(tmp_path, "needle", glob="[!f]*")
    assert {line.path for line in found.lines} >= {"new\nline", "latin"}
    assert any("not UTF-8" in note for note in found.notes)
    listed = await glob(tmp_path)
    assert "new\nline" in listed.paths and any("not UTF-8" in note for note in listed.notes)
    assert (await read(tmp_path, "new\nline")).text == "needle\n"
    for path in ("sparse", "binary"):
        with pytest.raises(ToolRefused, match="not a text file"):
            await read(tmp_path, path)
    few = await read(tmp_path, "flood", 299_999, 300_000)
    assert (few.text.count("\n"), few.total_lines) == (2, 300_000)
    assert time.process_time() - begun < 5
    for bad in ("\ud800", "x" * 300, "a/" * 3000 + "f", "a\0b", ""):
        with pytest.raises(HubError):
            await write(tmp_path, bad, "x")


@pytest.mark.parametrize("glob", ["*a" * 200 + "b", "**/" * 150 + "x", "{a,b}" * 90, "[" * 400, "{" * 500])
def test_no_glob_takes_long(glob: str) -> None:
    begun = time.process_time()
    try:
        match = matcher(glob)
    except ToolRefused:
        return
    match("/".join(["a" * 250] * 15))
    assert time.process_time() - begun < 2


HEAD = "--- a/f\n+++ b/f\n"
FITTING = {
    "as it should be": (HEAD + "@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n", "one\nTWO\nthree\nfour\n"),
    "wrong counts": (HEAD + "@@ -1,9 +1,2 @@\n one\n-two\n+TWO\n three\n", "one\nTWO\nthree\nfour\n"),
    "wrong lines": (HEAD + "@@ -40,2 +41,2 @@\n three\n-four\n+FOUR\n", "one\ntwo\nthree\nFOUR\n"),
    "no numbers": (HEAD + "@@ ... @@\n-two\n+TWO\n", "one\nTWO\nthree\nfour\n"),
    "two hunks, moved": (
        HEAD + "@@ -1 +1,3 @@\n one\n+a\n+b\n@@ -4 +6 @@\n-four\n+FOUR\n", "one\na\nb\ntwo\nthree\nFOUR\n"
    ),
    "in a fence": ("```diff\n" + HEAD + "@@ -2 +2 @@\n-two\n+TWO\n```\n", "one\nTWO\nthree\nfour\n"),
    "added at the end": (
        HEAD + "@@ -4 +4,2 @@\n four\n+five\n\\ No newline at end of file\n", "one\ntwo\nthree\nfour\nfive"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FITTING)
async def test_diffs_that_fit(tmp_path: Path, name: str) -> None:
    diff, after = FITTING[name]
    (tmp_path / "f").write_text("one\ntwo\nthree\nfour\n")
    done = await patch(tmp_path, diff)
    assert ((tmp_path / "f").read_text(), done.changed) == (after, ("f",))
    (tmp_path / "f").write_text("one\ntwo\nthree\nfour\n")
    await patch(tmp_path, done.diff)
    assert (tmp_path / "f").read_text() == after, "the answer's own diff does the same"


@pytest.mark.parametrize("sign", ["\f", "\v", "\x1c", "\x85", "\u2028"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
async def test_a_line_ends_where_git_ends_it(tmp_path: Path, sign: str, end: str) -> None:
    """Python's own splitlines ends lines at these signs, too."""
    before, after = (f"one{sign}1{end}{word}{end}" for word in ("two", f"TWO{sign}2"))
    (tmp_path / "f").write_bytes(before.encode())
    done = await patch(tmp_path, HEAD + f"@@ -1,2 +1,2 @@\n one{sign}1\n-two\n+TWO{sign}2\n")
    assert (tmp_path / "f").read_bytes() == after.encode()
    assert f"+TWO{sign}2{end}" in done.diff and "No newline" not in done.diff
    (tmp_path / "f").write_bytes(before.encode())
    edited = await edit(tmp_path, "f", "two", f"TWO{sign}2")
    assert edited.diff == done.diff


async def test_files_made_and_removed_by_a_diff(tmp_path: Path) -> None:
    (tmp_path / "gone").write_bytes(b"a\r\nb\r\n")
    made = "--- /dev/null\n+++ b/sub/new\n@@ -0,0 +1,2 @@\n+x\n+y\n"
    done = await patch(tmp_path, made + "--- a/gone\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n")
    assert (done.created, done.deleted) == (("sub/new",), ("gone",))
    assert (tmp_path / "sub/new").read_text() == "x\ny\n" and not (tmp_path / "gone").exists()


@pytest.mark.parametrize(
    "diff",
    [
        "nonsense",
        HEAD + "@@ -1 +1 @@\n-gone\n+x\n",
        HEAD + "@@ -9 +9 @@\n-same\n+x\n",
        "--- a/f\n+++ b/f\n@@ -2 +2 @@\n-two\n+TWO\n--- a/other\n+++ b/other\n@@ -1 +1 @@\n-x\n+y\n",
        "--- /dev/null\n+++ b/f\n@@ -0,0 +1 @@\n+x\n",
        "--- a/../out\n+++ b/../out\n@@ -1 +1 @@\n-x\n+y\n",
        "--- /dev/null\n+++ b//etc/evil\n@@ -0,0 +1 @@\n+x\n",
        "--- /dev/null\n+++ b/.git/hooks/post-commit\n@@ -0,0 +1 @@\n+x\n",
        "diff --git a/f b/g\nrename from f\nrename to g\n",
    ],
)
async def test_diffs_that_change_nothing(tmp_path: Path, diff: str) -> None:
    before = "one\ntwo\nsame\nsame\n"
    (tmp_path / "f").write_text(before)
    with pytest.raises((ToolRefused, OutsideWorkspace)) as refusal:
        await patch(tmp_path, diff)
    assert len(refusal.value.sentence) > 15
    assert (tmp_path / "f").read_text() == before
    assert not [name for _, _, names in os.walk(tmp_path) for name in names if name != "f"]
