"""deploys: what was run after merges, with what was granted, and what came of it"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0027"
branch_labels = None
depends_on = None
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "deploys",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("project_id", NUMBER, nullable=False),
        sa.Column("task_id", NUMBER, nullable=True),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("commit", sa.Text(), nullable=True),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("grants", JSON, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("exit_code", NUMBER, nullable=True),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_deploys_project_id_projects")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_deploys_task_id_tasks")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_deploys_run_id_runs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deploys")),
        sa.UniqueConstraint("run_id", name=op.f("uq_deploys_run_id")),
    )
    for column in ("project_id", "task_id", "state"):
        op.create_index(op.f(f"ix_deploys_{column}"), "deploys", [column])


def downgrade() -> None:
    op.drop_table("deploys")
