"""who has a task, a merge granted after one stage, runs that are being stopped"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tasks", sa.Column("assignee_role", sa.Text(), nullable=True))
    op.add_column("tasks", sa.Column("merge_after", sa.Text(), nullable=True))
    op.add_column("tasks", sa.Column("max_rounds", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
    op.add_column("runs", sa.Column("stopping", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(op.f("ix_tasks_parent_id"), "tasks", ["parent_id"])
    _assign()


def _assign() -> None:
    """Each task goes to the role of the stage it stands at."""
    definition = sa.Column("definition", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"))
    workflows = sa.table("workflows", sa.column("id"), definition)
    tasks = sa.table("tasks", sa.column("workflow_id"), sa.column("stage"), sa.column("assignee_role"))
    for workflow in op.get_bind().execute(sa.select(workflows.c.id, workflows.c.definition)).all():
        for stage in workflow.definition["stages"]:
            here = (tasks.c.workflow_id == workflow.id) & (tasks.c.stage == stage["name"])
            op.execute(sa.update(tasks).where(here).values(assignee_role=stage.get("role")))


def downgrade() -> None:
    op.drop_index(op.f("ix_tasks_parent_id"), "tasks")
    op.drop_column("runs", "stopping")
    op.drop_column("tasks", "max_rounds")
    op.drop_column("tasks", "merge_after")
    op.drop_column("tasks", "assignee_role")
