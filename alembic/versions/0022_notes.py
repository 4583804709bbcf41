"""what agents noted on tasks, and older handoffs in short"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0023"
branch_labels = None
depends_on = None
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "task_notes",
        sa.Column("task_id", NUMBER, nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_task_notes_task_id_tasks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_notes")),
        sa.UniqueConstraint("task_id", "digest", name=op.f("uq_task_notes_task_id_digest")),
    )
    op.create_index(op.f("ix_task_notes_run_id"), "task_notes", ["run_id"])
    op.create_table(
        "handoff_folds",
        sa.Column("task_id", NUMBER, nullable=False),
        sa.Column("last_id", NUMBER, nullable=False),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_handoff_folds_task_id_tasks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoff_folds")),
        sa.UniqueConstraint("task_id", "last_id", "sources", name=op.f("uq_handoff_folds_task_id_last_id_sources")),
    )


def downgrade() -> None:
    op.drop_table("handoff_folds")
    op.drop_index(op.f("ix_task_notes_run_id"), table_name="task_notes")
    op.drop_table("task_notes")
