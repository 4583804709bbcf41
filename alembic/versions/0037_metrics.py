"""metrics: what models took by quarters of an hour, who waited for a person, and indexes to count and time runs by"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0032"
branch_labels = None
depends_on = None
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ENDED = "finished_at IS NOT NULL"
DONE = "kind = 'task.done'"
INDEXES = (
    ("ix_runs_rated", "runs", ["role", "model", "state", "project_id", "finished_at"], ENDED),
    ("ix_runs_timed", "runs", ["stage", "finished_at", "state", "project_id", "started_at", "paused_seconds"], ENDED),
    ("ix_events_done", "events", ["at", "project_id", "task_id", "seq"], DONE),
    ("ix_waits_open", "waits", ["task_id"], "ended_at IS NULL"),
    ("ix_waits_ended_at", "waits", ["reason", "ended_at", "project_id", "began_at"], "ended_at IS NOT NULL"),
)
QUARTER = {
    "sqlite": "CAST(strftime('%s', substr(c.created_at, 1, 19)) AS INTEGER) / 900",
    "postgresql": "CAST(floor(extract(epoch FROM c.created_at) / 900) AS BIGINT)",
}
PICO = "CAST(round(c.cost * 1000000000000.0) AS BIGINT)"
USAGE = """
INSERT INTO usage_quarters (quarter, project_id, stage, role, model, calls, tokens_in, tokens_out, pico_usd,
                            estimated_calls, estimated_pico_usd)
SELECT {quarter}, coalesce(c.project_id, 0), coalesce(r.stage, ''), coalesce(c.role, ''), c.model,
       count(*), sum(c.tokens_in), sum(c.tokens_out), sum({pico}),
       sum(CASE WHEN c.estimated THEN 1 ELSE 0 END), sum(CASE WHEN c.estimated THEN {pico} ELSE 0 END)
FROM model_calls c LEFT JOIN runs r ON r.id = c.run_id
WHERE c.outcome IN ('answered', 'failed', 'abandoned')
GROUP BY 1, 2, 3, 4, 5
"""
REASON = {"sqlite": "json_extract(data, '$.reason')", "postgresql": "data ->> 'reason'"}
STAGE = {"sqlite": "json_extract(data, '$.stage')", "postgresql": "data ->> 'stage'"}
WAITS = """
WITH told AS (
    SELECT seq, task_id, project_id, at, kind, coalesce({reason}, '') AS reason, coalesce({stage}, '') AS stage
    FROM events
    WHERE task_id IS NOT NULL AND kind IN ('task.idle', 'task.blocked', 'task.queued', 'task.running', 'task.waiting',
                                           'task.paused', 'task.done', 'task.cancelled')
), before AS (
    SELECT told.*, lag(kind) OVER (PARTITION BY task_id ORDER BY seq) AS kind_before,
           lag(reason) OVER (PARTITION BY task_id ORDER BY seq) AS reason_before
    FROM told
), begun AS (
    SELECT seq, task_id, project_id, at, kind, reason, stage,
           lead(at) OVER (PARTITION BY task_id ORDER BY seq) AS until
    FROM before
    WHERE NOT (kind = 'task.waiting' AND coalesce(kind_before, '') = 'task.waiting' AND reason_before = reason)
)
INSERT INTO waits (project_id, task_id, stage, reason, began_at, ended_at)
SELECT project_id, task_id, stage, reason, at, until FROM begun WHERE kind = 'task.waiting' ORDER BY seq
"""


def upgrade() -> None:
    op.create_table(
        "usage_quarters",
        *(sa.Column(name, NUMBER, autoincrement=False, nullable=False) for name in ("quarter", "project_id")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("stage", "role", "model")),
        *(
            sa.Column(name, NUMBER, nullable=False)
            for name in ("calls", "tokens_in", "tokens_out", "pico_usd", "estimated_calls", "estimated_pico_usd")
        ),
        sa.PrimaryKeyConstraint("quarter", "project_id", "stage", "role", "model", name=op.f("pk_usage_quarters")),
    )
    op.create_table(
        "waits",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("project_id", NUMBER, nullable=False),
        sa.Column("task_id", NUMBER, nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_waits_project_id_projects")),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_waits_task_id_tasks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waits")),
    )
    for name, table, columns, where in INDEXES:
        condition = sa.text(where)
        op.create_index(name, table, columns, unique=False, sqlite_where=condition, postgresql_where=condition)
    dialect = op.get_bind().dialect.name
    op.execute(USAGE.format(quarter=QUARTER[dialect], pico=PICO))
    op.execute(WAITS.format(reason=REASON[dialect], stage=STAGE[dialect]))


def downgrade() -> None:
    for name, table, _columns, _where in reversed(INDEXES):
        op.drop_index(name, table_name=table)
    op.drop_table("waits")
    op.drop_table("usage_quarters")
