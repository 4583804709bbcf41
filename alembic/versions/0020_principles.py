"""the principles of all roles, which until now were in each role's own"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# what the hub put before a role's own principles; the text as it was then, each line of it
OLD = """- Write a test that fails before you write the code that makes it pass.
- Do what the task asks and nothing else; leave code you do not need to touch as it is.
- Reuse what the project already has before you write something new.
- Follow the project's own style, names and structure.
- Say plainly what you did not do or could not check. Never claim what you have not seen."""


def upgrade() -> None:
    op.create_table(
        "principles",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_principles")),
        sa.UniqueConstraint("version", name=op.f("uq_principles_version")),
    )
    roles = sa.table("roles", sa.column("id", NUMBER), sa.column("principles", sa.Text()))
    bind = op.get_bind()
    for role_id, text in bind.execute(sa.select(roles.c.id, roles.c.principles)).all():
        if text.startswith(OLD):
            bind.execute(sa.update(roles).where(roles.c.id == role_id).values(principles=text[len(OLD) :].strip()))


def downgrade() -> None:
    roles = sa.table("roles", sa.column("id", NUMBER), sa.column("principles", sa.Text()))
    bind = op.get_bind()
    for role_id, text in bind.execute(sa.select(roles.c.id, roles.c.principles)).all():
        whole = "\n".join(part for part in (OLD, text) if part)
        bind.execute(sa.update(roles).where(roles.c.id == role_id).values(principles=whole))
    op.drop_table("principles")
