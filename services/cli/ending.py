"""How a command ends: with its exit code, and never with a traceback for what a person or the hub did."""

import io
import sys
from collections.abc import Callable, Iterator

from services.cli import printing
from services.cli.exits import Exit, exit_of
from services.domain.errors import HubError, InvalidInput

ABORTED = 1  # what Typer ends with where a prompt was left or a pipe broke


def ended(command: Callable[[], object], code_of: Callable[[HubError], int] = exit_of) -> int:
    """Carries the command out. A refusal is one sentence, a way out and an exit code of its kind."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character shows `?` in its place
    try:
        command()
    except HubError as error:
        return _refused(error, code_of)
    except (UnicodeEncodeError, UnicodeDecodeError) as error:  # of what was typed, or came over a pipe
        wrong = InvalidInput(f"What you gave is not text in UTF-8: {error.reason}.", "Write it in UTF-8.")
        return _refused(wrong, code_of)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        return _nobody_reads()
    except SystemExit as typers:
        return _code_of(typers)
    return Exit.OK


def _refused(error: HubError, code_of: Callable[[HubError], int]) -> int:
    code = code_of(error)
    printing.refusal(error, code)
    return code


def _code_of(typers: SystemExit) -> int:
    """Typer ends with 1 for what is something else to a script: Ctrl C at a question, and a reader that went away."""
    if typers.code == ABORTED:
        for cause in _causes(typers):
            if isinstance(cause, KeyboardInterrupt):
                return Exit.INTERRUPTED
            if isinstance(cause, BrokenPipeError):
                return _nobody_reads()
    return int(typers.code or 0)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause = error.__context__
    while cause is not None:
        yield cause
        cause = cause.__context__


def _nobody_reads() -> int:
    """Whoever read has enough, as `| head` does."""
    sys.stderr.close()
    return Exit.OK
