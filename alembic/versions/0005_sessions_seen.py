"""when a session was last seen, and how it was opened"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sessions", sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("sessions", sa.Column("opened_with", sa.Text(), nullable=False, server_default="link"))


def downgrade() -> None:
    op.drop_column("sessions", "opened_with")
    op.drop_column("sessions", "last_seen_at")
