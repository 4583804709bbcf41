"""The models say nothing that no migration says, on both databases, and migrating twice changes nothing."""

from services.store.migrate import check, upgrade


def test_migrations_are_current(database_url: str) -> None:
    upgrade(database_url)
    check(database_url)
