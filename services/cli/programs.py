"""The programs `wf` and `aicoder`. What they import takes a moment, in which Ctrl C has to end them quietly, too."""

import sys


def wf() -> None:
    """`wf`."""
    try:
        from services.cli.app import main

        main()
    except KeyboardInterrupt:
        sys.exit(130)


def aicoder() -> None:
    """`aicoder`."""
    try:
        from services.cli.aicoder import main

        main()
    except KeyboardInterrupt:
        sys.exit(130)
