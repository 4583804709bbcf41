"""pauses of everything, of projects, tasks and runs: who and when, and how each run stands still"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0028"
branch_labels = None
depends_on = None
TIME = sa.DateTime(timezone=True)
FEW = {"runs": ("paused_at", "held"), "tasks": ("paused_at",)}


def upgrade() -> None:
    op.create_table(
        "hub_pause",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("paused_at", TIME, nullable=False),
        sa.Column("paused_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub_pause")),
    )
    for table in ("projects", "tasks", "runs"):
        op.add_column(table, sa.Column("paused_at", TIME, nullable=True))
        op.add_column(table, sa.Column("paused_by", sa.Text(), nullable=True))
    op.add_column("runs", sa.Column("held", sa.Text(), nullable=True))
    op.add_column("runs", sa.Column("held_at", TIME, nullable=True))
    op.add_column("runs", sa.Column("paused_seconds", sa.Double(), nullable=False, server_default="0"))
    for table, columns in FEW.items():
        for column in columns:
            where = sa.text(f"{column} IS NOT NULL")
            op.create_index(f"ix_{table}_{column}", table, [column], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for table, columns in FEW.items():
        for column in columns:
            op.drop_index(f"ix_{table}_{column}", table)
    for column in ("paused_seconds", "held_at", "held"):
        op.drop_column("runs", column)
    for table in ("runs", "tasks", "projects"):
        op.drop_column(table, "paused_by")
        op.drop_column(table, "paused_at")
    op.drop_table("hub_pause")
