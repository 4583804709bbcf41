"""findings that a person decides on, and tasks that flow by a person's word"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("findings") as table:
        table.add_column(sa.Column("last_round", NUMBER, server_default="1", nullable=False))
        table.add_column(sa.Column("on_base", sa.Boolean(), server_default=sa.false(), nullable=False))
        table.add_column(sa.Column("own_task_id", NUMBER, nullable=True))
        table.add_column(sa.Column("duplicate_of_id", NUMBER, nullable=True))
        table.add_column(sa.Column("decided_by", sa.Text(), nullable=True))
        table.add_column(sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
        table.create_foreign_key("fk_findings_own_task_id_tasks", "tasks", ["own_task_id"], ["id"])
        table.create_foreign_key("fk_findings_duplicate_of_id_findings", "findings", ["duplicate_of_id"], ["id"])
        table.create_index("ix_findings_own_task_id", ["own_task_id"])
    op.execute("UPDATE findings SET last_round = round")
    op.add_column("tasks", sa.Column("flows", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("tasks", "flows")
    with op.batch_alter_table("findings") as table:
        table.drop_index("ix_findings_own_task_id")
        table.drop_constraint("fk_findings_duplicate_of_id_findings", type_="foreignkey")
        table.drop_constraint("fk_findings_own_task_id_tasks", type_="foreignkey")
        for column in ("decided_at", "decided_by", "duplicate_of_id", "own_task_id", "on_base", "last_round"):
            table.drop_column(column)
