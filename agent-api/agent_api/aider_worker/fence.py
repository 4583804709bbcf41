"""FencedIO: Aider's only way to ask and to write. No terminal, no history files, and a list of what is allowed."""

import difflib
import errno
import io
from pathlib import Path
from typing import Any

from aider.io import InputOutput

from agent_api.aider_worker.protocol import Stop
from agent_api.aider_worker.report import Report
from services.domain.secret_files import is_hidden

MOST_BEFORE = 32 * 2**20  # bytes of files that are kept to be put back
CREATE, EDIT = "Create new file?", "Allow edits to file"
SHOW, TOO_LONG = "Add file to the chat?", "Try to proceed anyway?"
DIFF_CHARS = 20_000


class FencedIO(InputOutput):
    """Only files inside `root`, outside any `.git`, and not read-only may be made or written. All else is refused.
    What is named like a secret is neither shown nor written, but for what a glob of `readable` allows.

    `before` maps each path that may have been written to its bytes before (None: it was not there).
    `show_chars` bounds what the model may add to the chat by naming files.
    """

    def __init__(
        self, root: Path, read_only: frozenset[Path], show_chars: int, report: Report, readable: tuple[str, ...]
    ) -> None:
        self.report = report  # Aider may speak while it is made
        super().__init__(pretty=False, yes=None, fancy_input=False)
        self.root, self.read_only, self.show_chars, self.readable = root, read_only, show_chars, readable
        self.told: set[Path] = set()
        self.before: dict[Path, bytes | None] = {}
        self.written: set[Path] = set()
        self.refused: list[str] = []
        self.too_long = False

    def inside(self, name: str | Path) -> Path | None:
        """The real path when it is a file (or nothing yet) inside the root and not git's own or a secret; else None."""
        try:
            target = (self.root / name).resolve()
            legal = target.is_relative_to(self.root) and (target.is_file() or not target.exists())
        except (OSError, ValueError, RuntimeError):
            return None
        if not legal or is_hidden(target.relative_to(self.root).as_posix(), self.readable):
            return None
        return target

    def writable(self, name: str | Path) -> Path | None:
        target = self.inside(name)
        return target if target is not None and target not in self.read_only else None

    def expect(self, target: Path) -> None:
        """A file that was named for the edit. Aider makes it at once when it is not there."""
        self.will_write(target)
        if self.before[target] is None:
            self._tell_before(target)

    def will_write(self, target: Path) -> None:
        self.before.setdefault(target, target.read_bytes() if target.is_file() else None)

    def _tell_before(self, target: Path) -> None:
        """Before the first write: whoever started the edit can put back what was there, also when this ends midway."""
        if target in self.told:
            return
        self.told.add(target)
        if sum(len(self.before[path] or b"") for path in self.told) > MOST_BEFORE:
            sentence = f"The edit touches files of more than {MOST_BEFORE >> 20} MB together. Ask for less in one edit."
            raise Stop("failed", "edit_failed", sentence)
        self.report.before(target.relative_to(self.root).as_posix(), self.before[target])

    def confirm_ask(self, question: str, default: str = "y", subject: Any = None, *args: Any, **kwargs: Any) -> bool:
        allowed = False
        if question == TOO_LONG:
            self.too_long = True
        elif subject and question == SHOW:
            allowed = self._may_show(subject)
        elif subject and (question == CREATE or question.startswith(EDIT)):
            target = self.writable(subject)
            allowed = target is not None
            if target is None:
                self.refused.append(str(subject))
            else:
                self.will_write(target)
                if not target.exists():
                    self._make(target)
        self.report("asked", f"{question} {subject or ''}".strip(), allowed=allowed)
        return allowed

    def _may_show(self, subject: str) -> bool:
        target = self.inside(subject)
        if target is None or not target.is_file() or target.stat().st_size > self.show_chars:
            return False
        self.show_chars -= target.stat().st_size
        return True

    def write_text(self, filename: str, content: str, *args: Any, **kwargs: Any) -> None:
        target = self.writable(filename)
        if target is None:
            self.refused.append(str(filename))
            raise PermissionError(f"{filename} may not be written: it is outside the worktree, git's, or read-only.")
        self.will_write(target)
        now = target.read_bytes() if target.is_file() else b""
        original = self.before[target] or b""
        if original.count(b"\r\n") * 2 > original.count(b"\n"):  # Aider reads CRLF as LF and would write LF back
            content = content.replace("\r\n", "\n").replace("\n", "\r\n")
        data = content.encode(self.encoding)
        self._tell_before(target)
        try:
            target.write_bytes(data)
        except OSError as error:
            raise _cannot_write(target, error) from error
        self.written.add(target)
        if data != now:
            self._show_edit(target, now, data)

    def _make(self, target: Path) -> None:
        """Make a new file here: where Aider cannot, it only skips the edit."""
        self._tell_before(target)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.touch()
        except OSError as error:
            raise _cannot_write(target, error) from error

    def _show_edit(self, target: Path, before: bytes, after: bytes) -> None:
        path = target.relative_to(self.root).as_posix()
        old, new = (io.StringIO(text.decode(errors="replace"), newline="\n").readlines() for text in (before, after))
        diff = list(difflib.unified_diff(old, new, f"a/{path}", f"b/{path}"))
        added = sum(line.startswith("+") for line in diff[2:])
        removed = sum(line.startswith("-") for line in diff[2:])
        text = f"{path} +{added} -{removed}"
        self.report("edit", text, path=path, added=added, removed=removed, diff="".join(diff)[:DIFF_CHARS])

    def edited(self) -> list[str]:
        """What really differs on disk now; empty files made for edits that never came are taken away again."""
        changed = []
        for path, before in self.before.items():
            now = path.read_bytes() if path.is_file() else None
            if before is None and now == b"" and path not in self.written:
                path.unlink()
            elif now != before:
                changed.append(path.relative_to(self.root).as_posix())
        return sorted(changed)

    def tool_output(self, *messages: Any, log_only: bool = False, bold: bool = False) -> None:
        text = " ".join(map(str, messages)).strip()
        if text and not log_only:
            self.report("output", text)

    def tool_error(self, message: Any = "", strip: bool = True) -> None:
        self.report("output", str(message).strip(), level="error")

    def tool_warning(self, message: Any = "", strip: bool = True) -> None:
        self.report("output", str(message).strip(), level="warning")

    def assistant_output(self, message: Any, pretty: Any = None) -> None:
        """The model's text was reported as it came."""

    def offer_url(self, url: str, prompt: str = "", allow_never: bool = True) -> bool:
        return False

    def prompt_ask(self, question: str, default: str = "", subject: Any = None) -> str:
        return default

    def get_input(self, *args: Any, **kwargs: Any) -> str:
        raise EOFError


def _cannot_write(target: Path, error: OSError) -> Stop:
    """The machine refuses the write: no model can do better, and none is asked again."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Stop("lost", "crashed", "The disk is full. Free some space, then retry.")
    return Stop("failed", "crashed", f"{target} cannot be written ({error.strerror}). Look at its owner and mode.")
