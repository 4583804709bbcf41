"""A process that replaces itself by a fresh one of the same program."""

import os
import sys
from typing import NoReturn

EXIT_NOT_ANEW = 70


def begin_anew() -> NoReturn:
    """Threads, open transactions and locks are gone, the pid stays. So no supervisor is needed: the hub of a laptop
    goes on when its lid opens. Where it can't be, exits with 70."""
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        os.execv(sys.executable, sys.orig_argv)
    finally:
        os._exit(EXIT_NOT_ANEW)
