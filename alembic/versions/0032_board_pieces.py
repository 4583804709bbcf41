"""board pieces: a column's tasks in its order from an index alone"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    columns = ["deleted_at", "stage", sa.text("priority DESC"), "position", "id", "project_id", "state", "workflow_id"]
    op.create_index("ix_tasks_board", "tasks", columns)


def downgrade() -> None:
    op.drop_index("ix_tasks_board", "tasks")
