"""which models a piece of work may use, in which order, and why another one than the first did it"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    for table in ("roles", "requests", "tasks", "runs"):
        op.add_column(table, sa.Column("models", JSON, nullable=True))
    op.create_table(
        "model_decisions",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("taken", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("times", BIG, nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_model_decisions"),
        sa.UniqueConstraint(
            "run_id", "step", "wanted", "taken", "code", name="uq_model_decisions_run_id_step_wanted_taken_code"
        ),
    )


def downgrade() -> None:
    op.drop_table("model_decisions")
    for table in ("runs", "tasks", "requests", "roles"):
        op.drop_column(table, "models")
