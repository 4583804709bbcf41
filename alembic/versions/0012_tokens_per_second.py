"""how fast a model answered"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("model_calls", sa.Column("tokens_per_second", sa.Double(), nullable=True))


def downgrade() -> None:
    op.drop_column("model_calls", "tokens_per_second")
