"""a budget for each run, and one for a day that a person set"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "day_budgets",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("usd", sa.Double(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_day_budgets"),
    )
    for table in ("projects", "tasks"):
        op.add_column(table, sa.Column("run_budget_usd", sa.Double(), nullable=True))


def downgrade() -> None:
    for table in ("tasks", "projects"):
        op.drop_column(table, "run_budget_usd")
    op.drop_table("day_budgets")
