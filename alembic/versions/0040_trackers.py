"""trackers: which there are, their projects that belong to ours, and where tasks came from"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0040"
down_revision = "0033"
branch_labels = None
depends_on = None
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
PROJECTS, TASKS = "tracker_projects", "tracker_tasks"


def upgrade() -> None:
    op.create_table(
        "tracker_providers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("available", sa.Boolean(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("sign_in", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_tracker_providers")),
    )
    op.create_table(
        PROJECTS,
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("credential_id", NUMBER, nullable=True),
        sa.Column("project_id", NUMBER, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider"], ["tracker_providers.name"], name=op.f("fk_tracker_projects_provider_tracker_providers")
        ),
        sa.ForeignKeyConstraint(
            ["credential_id"],
            ["credentials.id"],
            name=op.f("fk_tracker_projects_credential_id_credentials"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_tracker_projects_project_id_projects")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracker_projects")),
        sa.UniqueConstraint(
            "provider", "external_id", "project_id", name=op.f("uq_tracker_projects_provider_external_id_project_id")
        ),
    )
    op.create_table(
        TASKS,
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("link_id", NUMBER, nullable=False),
        sa.Column("task_id", NUMBER, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("imported", JSON, nullable=False),
        sa.Column("taken", JSON, nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"], ["tracker_projects.id"], name=op.f("fk_tracker_tasks_link_id_tracker_projects")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_tracker_tasks_task_id_tasks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracker_tasks")),
        sa.UniqueConstraint("link_id", "external_id", name=op.f("uq_tracker_tasks_link_id_external_id")),
    )
    for table, column in ((PROJECTS, "credential_id"), (PROJECTS, "project_id"), (TASKS, "task_id")):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    for table in (TASKS, PROJECTS, "tracker_providers"):
        op.drop_table(table)
