"""requests that want one task, what plans took by measure, pictures in words"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("requests", sa.Column("single", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("plans", sa.Column("minutes_measured", NUMBER, nullable=True))
    op.execute("UPDATE requests SET kind = 'change' WHERE kind = 'infrastructure'")
    op.create_table(
        "picture_words",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_picture_words")),
    )


def downgrade() -> None:
    op.drop_table("picture_words")
    op.execute("UPDATE requests SET kind = 'infrastructure' WHERE kind = 'change'")
    with op.batch_alter_table("plans") as plans:
        plans.drop_column("minutes_measured")
    with op.batch_alter_table("requests") as requests:
        requests.drop_column("single")
