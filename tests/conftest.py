"""What every test may use: migrated databases of both kinds."""

import gc

pytest_plugins = ["tests.support.databases", "tests.support.no_skips", "tests.support.trust_once"]


def pytest_collection_finish() -> None:
    """What was imported stays, and need not be looked through again and again; as main-api does at its start."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
