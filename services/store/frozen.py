"""Ends what programs that were frozen in the middle of a transaction hold in PostgreSQL.

The server's own `idle_in_transaction_session_timeout` counts between whole messages. In the middle of a pipeline, its
Sync still to come, a session is `active` and waits for its client for ever, with all its locks:
https://www.postgresql.org/docs/current/libpq-pipeline-mode.html (`transaction_timeout`, since 17, would end it too).
"""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

_END = sa.text(
    "WITH silent AS MATERIALIZED ("  # else the planner may end others before it has looked at them
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user "
    "AND pid <> pg_backend_pid() AND xact_start IS NOT NULL AND state = 'active' AND wait_event = 'ClientRead' "
    "AND query !~* '^\\s*copy' "  # rows may come slowly
    "AND query_start < clock_timestamp() - make_interval(secs => :seconds)"
    ") SELECT count(*) FROM silent WHERE pg_terminate_backend(pid)"
)


async def end_frozen(session: AsyncSession, seconds: float) -> int:
    """Ends transactions whose program said nothing for so long in the middle of a pipeline; answers how many.

    Nothing to do on SQLite, whose lock is a file's. Their programs see a lost connection where they wake.
    """
    if session.get_bind().dialect.name != "postgresql":
        return 0
    return (await session.execute(_END, {"seconds": seconds})).scalar_one()
