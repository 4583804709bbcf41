"""Loads structlog and httpx without rich, which they would take for colours: 4 MB less in a process that stays.

Import it first; both do without it where it is not installed.
"""

import sys

if "rich" not in sys.modules:
    sys.modules["rich"] = None  # type: ignore[assignment]  # not to be found
    import httpx  # noqa: F401  # pyright: ignore[reportUnusedImport]
    import structlog  # noqa: F401  # pyright: ignore[reportUnusedImport]

    del sys.modules["rich"]
