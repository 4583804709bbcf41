"""Loads structlog and httpx without rich, which they would take for colours, and httpx without its command: 6 MB less
in a process that stays.

Import it first; both do without where these are not installed.
"""

import sys

NOT_TO_BE_FOUND = ("rich", "httpx._main")

if "rich" not in sys.modules:
    for name in NOT_TO_BE_FOUND:
        sys.modules[name] = None  # type: ignore[assignment]
    import httpx  # noqa: F401  # pyright: ignore[reportUnusedImport]
    import structlog  # noqa: F401  # pyright: ignore[reportUnusedImport]

    for name in NOT_TO_BE_FOUND:
        del sys.modules[name]
