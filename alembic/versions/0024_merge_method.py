"""how a project's changes come to its main branch: by a merge commit, as until now, by squash or by rebase"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("projects", sa.Column("merge_method", sa.Text(), nullable=False, server_default="merge"))


def downgrade() -> None:
    op.drop_column("projects", "merge_method")
