"""tasks: the newest of a column, and how many stand where, from indexes alone"""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None
BEFORE = ("ix_tasks_state_stage_project_id_deleted_at", ["state", "stage", "project_id", "deleted_at"])
STANDING = ("ix_tasks_standing", ["state", "stage", "project_id", "deleted_at", "workflow_id"])
NEWEST = ("ix_tasks_newest", ["state", "stage", "updated_at", "id", "project_id", "deleted_at"])


def upgrade() -> None:
    for name, columns in (STANDING, NEWEST):
        op.create_index(name, "tasks", columns)
    op.drop_index(BEFORE[0], "tasks")


def downgrade() -> None:
    op.create_index(BEFORE[0], "tasks", BEFORE[1])
    for name, _ in (NEWEST, STANDING):
        op.drop_index(name, "tasks")
