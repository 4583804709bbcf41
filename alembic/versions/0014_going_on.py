"""runs that go on when there is money again, and how large stored answers are"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("runs", sa.Column("resumed", NUMBER, server_default="0", nullable=False))
    op.add_column("runs", sa.Column("budget_usd", sa.Double(), nullable=True))
    op.add_column("model_answers", sa.Column("size", NUMBER, server_default="0", nullable=False))
    op.execute("UPDATE model_answers SET size = length(body)")
    op.create_index("ix_model_answers_run_id_created_at_size", "model_answers", ["run_id", "created_at", "size"])


def downgrade() -> None:
    op.drop_index("ix_model_answers_run_id_created_at_size", table_name="model_answers")
    op.drop_column("model_answers", "size")
    for column in ("budget_usd", "resumed"):
        op.drop_column("runs", column)
