"""questions of agents to people; how a criterion was found met"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0025"
branch_labels = None
depends_on = None
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
OWNERS = (("project_id", "projects"), ("task_id", "tasks"), ("request_id", "requests"), ("plan_id", "plans"))


def upgrade() -> None:
    op.create_table(
        "questions",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("project_id", NUMBER, nullable=False),
        sa.Column("task_id", NUMBER, nullable=True),
        sa.Column("request_id", NUMBER, nullable=True),
        sa.Column("plan_id", NUMBER, nullable=True),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("position", NUMBER, nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_questions_{column}_{table}"))
            for column, table in (*OWNERS, ("run_id", "runs"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
        sa.UniqueConstraint("run_id", "position", name=op.f("uq_questions_run_id_position")),
    )
    for column in ("project_id", "task_id", "plan_id", "state"):
        op.create_index(op.f(f"ix_questions_{column}"), "questions", [column])
    with op.batch_alter_table("criteria") as table:
        table.add_column(sa.Column("how", sa.Text(), nullable=True))
        table.add_column(sa.Column("place", sa.Text(), server_default="", nullable=False))
        table.add_column(sa.Column("run_id", sa.Text(), nullable=True))
        table.create_foreign_key("fk_criteria_run_id_runs", "runs", ["run_id"], ["id"])
    op.execute(
        "UPDATE criteria SET how = CASE WHEN evidence LIKE 'said by %' THEN 'by_person' "
        "WHEN met AND proof_id IS NOT NULL THEN 'proven' ELSE 'judged' END WHERE met IS NOT NULL"
    )
    op.execute(
        "UPDATE criteria SET place = evidence, run_id = (SELECT run_id FROM proofs WHERE proofs.id = proof_id) "
        "WHERE how = 'proven'"
    )


def downgrade() -> None:
    with op.batch_alter_table("criteria") as table:
        table.drop_constraint("fk_criteria_run_id_runs", type_="foreignkey")
        for column in ("run_id", "place", "how"):
            table.drop_column(column)
    op.drop_table("questions")
