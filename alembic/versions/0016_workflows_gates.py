"""workflows with their origin, and what each rule of a gate measured"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("workflows", sa.Column("origin", sa.Text(), server_default="shipped", nullable=False))
    op.add_column("workflows", sa.Column("project_id", NUMBER, nullable=True))
    op.add_column("workflows", sa.Column("file", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "gate_results",
        sa.Column("id", NUMBER, primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_id", sa.Text(), sa.ForeignKey("runs.id", name="fk_gate_results_run_id_runs"), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("measured", sa.Text(), nullable=False),
        sa.Column(
            "proof_id", NUMBER, sa.ForeignKey("proofs.id", name="fk_gate_results_proof_id_proofs"), nullable=True
        ),
        sa.Column("overridden_by", sa.Text(), nullable=True),
        sa.Column("overridden_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.UniqueConstraint("run_id", "rule", name="uq_gate_results_run_id_rule"),
    )


def downgrade() -> None:
    op.drop_table("gate_results")
    for column in ("file", "project_id", "origin"):
        op.drop_column("workflows", column)
