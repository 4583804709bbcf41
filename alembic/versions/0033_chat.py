"""chats: what is said about a project and its tasks; who describes the pictures of a request"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0037"
branch_labels = None
depends_on = None
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
SAID_BEFORE = (
    "INSERT INTO chat_messages (created_at, updated_at, version, project_id, author, kind, text, state, request_id,"
    " sentence, cites, tokens_in, tokens_out, cost, attempt) SELECT created_at, created_at, 1, project_id, 'person',"
    " 'request', text, 'done', id, '', '[]', 0, 0, 0.0, 1 FROM requests ORDER BY id"
)


def upgrade() -> None:
    op.add_column("requests", sa.Column("vision_model", sa.Text(), nullable=True))
    op.create_table(
        "chat_messages",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", NUMBER, nullable=False),
        sa.Column("project_id", NUMBER, nullable=False),
        sa.Column("task_id", NUMBER, nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reply_to_id", NUMBER, nullable=True),
        sa.Column("request_id", NUMBER, nullable=True),
        sa.Column("told_by", sa.Text(), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("cites", JSON, nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("tokens_in", NUMBER, nullable=False),
        sa.Column("tokens_out", NUMBER, nullable=False),
        sa.Column("cost", sa.Double(), nullable=False),
        sa.Column("attempt", NUMBER, nullable=False),
        sa.Column("call_id", sa.Text(), nullable=True),
        sa.Column("about", JSON, nullable=True),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_chat_messages_project_id_projects")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_chat_messages_task_id_tasks")),
        sa.ForeignKeyConstraint(
            ["reply_to_id"], ["chat_messages.id"], name=op.f("fk_chat_messages_reply_to_id_chat_messages")
        ),
        sa.ForeignKeyConstraint(["request_id"], ["requests.id"], name=op.f("fk_chat_messages_request_id_requests")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_messages")),
        sa.UniqueConstraint("reply_to_id", name=op.f("uq_chat_messages_reply_to_id")),
        sa.UniqueConstraint("request_id", name=op.f("uq_chat_messages_request_id")),
    )
    op.create_index("ix_chat_messages_project_id_task_id_id", "chat_messages", ["project_id", "task_id", "id"])
    op.create_index(op.f("ix_chat_messages_state"), "chat_messages", ["state"])
    op.execute(SAID_BEFORE)


def downgrade() -> None:
    op.drop_table("chat_messages")
    op.drop_column("requests", "vision_model")
