"""Loads structlog and httpx without rich, which they would take for colours, and httpx without its command: 6 MB less
in a process that stays.

Import it first.
"""

from services.unseen import unseen

with unseen("rich", "httpx._main"):
    import httpx  # noqa: F401  # pyright: ignore[reportUnusedImport]
    import structlog  # noqa: F401  # pyright: ignore[reportUnusedImport]
