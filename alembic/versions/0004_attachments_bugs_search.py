"""attachments, bugs, proofs that people bring, handoffs that people move, text search"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TIME = sa.DateTime(timezone=True)
INDEXES = (
    ("tasks", ["state", "stage", "project_id", "deleted_at"]),
    ("tasks", ["state", "updated_at"]),
    ("tasks", ["project_id", "state", "updated_at"]),
    ("runs", ["queued_at"]),
)
KINDS = {"test_report": "test_result", "diff": "code_diff"}

# A task's text has its id as number, a comment's has its id below zero. Statements end at empty lines.
# PostgreSQL keeps at most 1 MB of words of one text: only its first 100,000 characters are looked through.
SEARCH_SQLITE = """
CREATE VIRTUAL TABLE search_texts USING fts5(
    key, title, body, tokenize = "unicode61 remove_diacritics 2", prefix = '2 3'
);

INSERT INTO search_texts (rowid, key, title, body) SELECT id, key, title, description FROM tasks;

INSERT INTO search_texts (rowid, key, title, body) SELECT -id, '', '', body FROM comments;

CREATE TRIGGER search_task_added AFTER INSERT ON tasks BEGIN
    INSERT INTO search_texts (rowid, key, title, body) VALUES (new.id, new.key, new.title, new.description);
END;

CREATE TRIGGER search_task_edited AFTER UPDATE OF key, title, description ON tasks
WHEN old.key IS NOT new.key OR old.title IS NOT new.title OR old.description IS NOT new.description BEGIN
    UPDATE search_texts SET key = new.key, title = new.title, body = new.description WHERE rowid = new.id;
END;

CREATE TRIGGER search_task_removed AFTER DELETE ON tasks BEGIN
    DELETE FROM search_texts WHERE rowid = old.id;
END;

CREATE TRIGGER search_comment_added AFTER INSERT ON comments BEGIN
    INSERT INTO search_texts (rowid, key, title, body) VALUES (-new.id, '', '', new.body);
END;

CREATE TRIGGER search_comment_edited AFTER UPDATE OF body ON comments WHEN old.body IS NOT new.body BEGIN
    UPDATE search_texts SET body = new.body WHERE rowid = -new.id;
END;

CREATE TRIGGER search_comment_removed AFTER DELETE ON comments BEGIN
    DELETE FROM search_texts WHERE rowid = -old.id;
END;
"""

# Without accents and with ASCII punctuation as spaces: words are cut alike on both databases.
SEARCH_POSTGRESQL = r"""
CREATE FUNCTION search_words(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT translate(
        regexp_replace(normalize(value, NFD), '[\u0300-\u036f]', '', 'g'),
        '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32)
    )
$$;

CREATE FUNCTION search_document(key text, title text, body text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
    SELECT setweight(to_tsvector('simple', search_words(key)), 'A')
        || setweight(to_tsvector('simple', search_words(title)), 'B')
        || to_tsvector('simple', left(search_words(body), 100000))
$$;

CREATE TABLE search_texts (
    number bigint PRIMARY KEY,
    task_id bigint NOT NULL,
    document tsvector NOT NULL
);

INSERT INTO search_texts SELECT id, id, search_document(key, title, description) FROM tasks;

INSERT INTO search_texts SELECT -id, task_id, search_document('', '', body) FROM comments;

CREATE INDEX ix_search_texts_document ON search_texts USING gin (document);

CREATE FUNCTION search_task() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO search_texts VALUES (new.id, new.id, search_document(new.key, new.title, new.description))
    ON CONFLICT (number) DO UPDATE SET document = excluded.document;
    RETURN NULL;
END $$;

CREATE FUNCTION search_comment() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO search_texts VALUES (-new.id, new.task_id, search_document('', '', new.body))
    ON CONFLICT (number) DO UPDATE SET document = excluded.document;
    RETURN NULL;
END $$;

CREATE FUNCTION search_removed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    DELETE FROM search_texts WHERE number = old.id * TG_ARGV[0]::bigint;
    RETURN NULL;
END $$;

CREATE TRIGGER search_task_added AFTER INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION search_task();

CREATE TRIGGER search_task_edited AFTER UPDATE OF key, title, description ON tasks FOR EACH ROW
    WHEN ((old.key, old.title, old.description) IS DISTINCT FROM (new.key, new.title, new.description))
    EXECUTE FUNCTION search_task();

CREATE TRIGGER search_task_removed AFTER DELETE ON tasks FOR EACH ROW EXECUTE FUNCTION search_removed('1');

CREATE TRIGGER search_comment_added AFTER INSERT ON comments FOR EACH ROW EXECUTE FUNCTION search_comment();

CREATE TRIGGER search_comment_edited AFTER UPDATE OF body ON comments FOR EACH ROW
    WHEN (old.body IS DISTINCT FROM new.body) EXECUTE FUNCTION search_comment();

CREATE TRIGGER search_comment_removed AFTER DELETE ON comments FOR EACH ROW EXECUTE FUNCTION search_removed('-1');
"""
TRIGGERS = [f"search_{noun}_{what}" for noun in ("task", "comment") for what in ("added", "edited", "removed")]


def upgrade() -> None:
    _bugs()
    _attachments()
    for table in ("proofs", "handoffs"):
        op.add_column(table, sa.Column("note", sa.Text(), nullable=False, server_default=""))
        op.add_column(table, sa.Column("created_by", sa.Text(), nullable=False, server_default="hub"))
    op.add_column("handoffs", sa.Column("accepted_by", sa.Text(), nullable=True))
    op.add_column("handoffs", sa.Column("finished_by", sa.Text(), nullable=True))
    for old, new in KINDS.items():
        op.execute(f"UPDATE proofs SET kind = '{new}' WHERE kind = '{old}'")
    op.drop_index(op.f("ix_tasks_state_stage"), "tasks")
    for table, columns in INDEXES:
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns)
    script = SEARCH_SQLITE if op.get_bind().dialect.name == "sqlite" else SEARCH_POSTGRESQL
    for statement in script.split("\n\n"):
        op.execute(statement)


def _bugs() -> None:
    op.create_table(
        "bugs",
        sa.Column("project_id", ID, nullable=True),
        sa.Column("task_id", ID, nullable=True),
        sa.Column("request_id", ID, nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("details", JSON, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("deleted_at", TIME, nullable=True),
        *_edited(),
        *(_refers("bugs", noun) for noun in ("project", "task", "request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bugs")),
    )
    for column in ("project_id", "state"):
        op.create_index(op.f(f"ix_bugs_{column}"), "bugs", [column])


def _attachments() -> None:
    nouns = ("task", "request", "comment", "bug")
    one = " + ".join(f"CASE WHEN {noun}_id IS NULL THEN 0 ELSE 1 END" for noun in nouns)
    op.create_table(
        "attachments",
        sa.Column("project_id", ID, nullable=True),
        *(sa.Column(f"{noun}_id", ID, nullable=True) for noun in nouns),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", ID, nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("deleted_at", TIME, nullable=True),
        *_edited(),
        sa.CheckConstraint(f"{one} = 1", name=op.f("ck_attachments_one_owner")),
        *(_refers("attachments", noun) for noun in ("project", *nouns)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    for column in ("project_id", *(f"{noun}_id" for noun in nouns), "sha256"):
        op.create_index(op.f(f"ix_attachments_{column}"), "attachments", [column])


def _edited() -> list[sa.Column]:
    return [
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("version", ID, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
    ]


def _refers(table: str, noun: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{noun}_id_{noun}s")
    return sa.ForeignKeyConstraint([f"{noun}_id"], [f"{noun}s.id"], name=name)


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name in TRIGGERS:
        table = "tasks" if "_task_" in name else "comments"
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
    op.execute("DROP TABLE search_texts")
    if not sqlite:
        op.execute("DROP FUNCTION search_task, search_comment, search_removed, search_document, search_words")
    for table, columns in INDEXES:
        op.drop_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table)
    op.create_index(op.f("ix_tasks_state_stage"), "tasks", ["state", "stage"])
    for old, new in KINDS.items():
        op.execute(f"UPDATE proofs SET kind = '{old}' WHERE kind = '{new}'")
    op.drop_column("handoffs", "finished_by")
    op.drop_column("handoffs", "accepted_by")
    for table in ("handoffs", "proofs"):
        op.drop_column(table, "created_by")
        op.drop_column(table, "note")
    op.drop_table("attachments")
    op.drop_table("bugs")
