"""what was found out of a model"""

import sqlalchemy as sa
from alembic import op

from services.store.types import Json

revision = "0010"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "model_profiles",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("fields", Json, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_model_profiles"),
    )


def downgrade() -> None:
    op.drop_table("model_profiles")
