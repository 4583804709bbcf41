"""Runs the migrations on SQLite or PostgreSQL, synchronously: nothing else of ours may be running."""

from typing import Any

import sqlalchemy as sa
from alembic import context

from services.store.migrate import sync_url
from services.store.models import Row
from services.store.types import UtcDateTime

config = context.config
url = sync_url(config.get_main_option("sqlalchemy.url") or "sqlite:///:memory:")


def render_item(kind: str, item: Any, autogen: Any) -> str | bool:
    """Migrations must not import the product: its types may change later."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, sa.JSON):
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    return False


def run() -> None:
    given: sa.Connection | None = config.attributes.get("connection")
    if given is not None:  # a restore: all of it in one transaction, which is not ended here
        migrate(given)
        return
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            else:  # two starts at once: the second waits, then finds nothing to do
                connection.exec_driver_sql("SELECT pg_advisory_lock(727001)")
            connection.commit()
            migrate(connection)
    finally:  # with it goes the lock, which is the connection's: a failed upgrade must not keep the next one out
        engine.dispose()


def migrate(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Row.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render_item,
        compare_type=True,
        include_name=lambda name, kind, _parents: kind != "table" or name in Row.metadata.tables,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
