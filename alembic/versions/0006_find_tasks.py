"""tasks by a part of their key or title"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TASKS = sa.table(
    "tasks", sa.column("id", sa.BigInteger), sa.column("key"), sa.column("title"), sa.column("find_text", sa.Text)
)


def upgrade() -> None:
    op.add_column("tasks", sa.Column("find_text", sa.Text(), nullable=False, server_default=""))
    connection = op.get_bind()
    rows = connection.execute(sa.select(TASKS.c.id, TASKS.c.key, TASKS.c.title)).all()
    if rows:
        of_row = sa.update(TASKS).where(TASKS.c.id == sa.bindparam("row")).values(find_text=sa.bindparam("text"))
        connection.execute(of_row, [{"row": row.id, "text": f"{row.key} {row.title}".lower()} for row in rows])
    op.create_index("ix_tasks_deleted_at_find_text", "tasks", ["deleted_at", "find_text"])


def downgrade() -> None:
    op.drop_index("ix_tasks_deleted_at_find_text", "tasks")
    op.drop_column("tasks", "find_text")
