"""turns of projects and of models, and when a lost run is tried again"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("tasks", sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "project_turns",
        sa.Column("project_id", NUMBER, autoincrement=False, nullable=False),
        sa.Column("tag", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_project_turns_project_id_projects"),
        sa.PrimaryKeyConstraint("project_id", name="pk_project_turns"),
    )
    op.create_table(
        "model_loads",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), server_default="", nullable=False),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_model_loads"),
    )
    op.create_index("ix_model_loads_model", "model_loads", ["model"])
    op.create_index("ix_model_loads_created_at", "model_loads", ["created_at"])


def downgrade() -> None:
    op.drop_table("model_loads")
    op.drop_table("project_turns")
    op.drop_column("tasks", "retry_at")
