"""since when a task waits for a person, who decided on a plan; news of the inbox on their way to a phone"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0024"
branch_labels = None
depends_on = None
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BEGAN = (
    "UPDATE tasks SET waiting_since = coalesce((SELECT max(events.at) FROM events WHERE events.task_id = tasks.id"
    " AND events.kind = 'task.waiting'), updated_at) WHERE state = 'waiting'"
)


def upgrade() -> None:
    op.add_column("tasks", sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("plans", sa.Column("decided_by", sa.Text(), nullable=True))
    op.execute(BEGAN)
    op.execute("UPDATE plans SET decided_by = 'person' WHERE decided_at IS NOT NULL")
    op.create_table(
        "notice_settings",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("webhook_url", sa.Text(), nullable=False),
        sa.Column("credential_id", NUMBER, nullable=True),
        sa.Column("command", JSON, nullable=False),
        sa.Column("kinds", JSON, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_settings")),
    )
    op.create_table(
        "notices",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("project_id", NUMBER, nullable=True),
        sa.Column("task_id", NUMBER, nullable=True),
        sa.Column("body", JSON, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", NUMBER, nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("item", "channel", name=op.f("uq_notices_item_channel")),
    )
    op.create_index(op.f("ix_notices_state"), "notices", ["state"])


def downgrade() -> None:
    op.drop_table("notices")
    op.drop_table("notice_settings")
    op.drop_column("plans", "decided_by")
    op.drop_column("tasks", "waiting_since")
