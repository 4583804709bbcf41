"""runs that are being stopped are found without a look at every run of their orchestrator"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    few = {"sqlite_where": sa.text("stopping = 1"), "postgresql_where": sa.text("stopping")}
    op.create_index("ix_runs_stopping", "runs", ["owner"], **few)


def downgrade() -> None:
    op.drop_index("ix_runs_stopping", "runs")
