"""feedback to agents, comments on lines of a change, plans made anew"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0029"
branch_labels = None
depends_on = None
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OWNERS = (
    ("project_id", "projects"), ("task_id", "tasks"), ("approval_id", "approvals"), ("finding_id", "findings")
)  # fmt: skip
FEEDBACK = ("feedback", "to_run_id", "heard_run_id", "heard_how")


def upgrade() -> None:
    for name in FEEDBACK:
        op.add_column("comments", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("comments", sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True))
    for_a_run = sa.text("feedback = 'waiting' AND to_run_id IS NOT NULL")
    op.create_index(
        "ix_comments_to_run_id", "comments", ["to_run_id"], sqlite_where=for_a_run, postgresql_where=for_a_run
    )
    op.add_column("tasks", sa.Column("counted_from", NUMBER, server_default="0", nullable=False))
    op.add_column("plans", sa.Column("replaces_id", NUMBER, nullable=True))
    op.create_table(
        "review_comments",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        *(sa.Column(column, NUMBER, nullable=column.endswith(("val_id", "ing_id"))) for column, _ in OWNERS),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("author", "state", "patch_id")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("base_sha", "head_sha", "path", "side")),
        sa.Column("line", NUMBER, nullable=False),
        sa.Column("end_line", NUMBER, nullable=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("severity", "text", "quote")),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_review_comments_{column}_{table}"))
            for column, table in OWNERS
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_comments")),
    )
    op.create_index(op.f("ix_review_comments_task_id"), "review_comments", ["task_id"])


def downgrade() -> None:
    op.drop_table("review_comments")
    op.drop_column("plans", "replaces_id")
    op.drop_column("tasks", "counted_from")
    op.drop_index("ix_comments_to_run_id", "comments")
    for name in ("heard_at", *FEEDBACK):
        op.drop_column("comments", name)
