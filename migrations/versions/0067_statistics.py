"""statistics: what became of tasks and nodes by day

Revision ID: 0067
Revises: 0066
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
UNCOUNTED = sa.text("state IN ('FAILED', 'FINISHED', 'REVOKED') AND (counted IS NULL OR counted <> state)")


def upgrade() -> None:
    op.create_table(
        "orchestrator_flow_day",
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("flow_id", sa.String(length=32), nullable=False),
        sa.Column("finished", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("revoked", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("durations", JSON, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "day", "flow_id"),
    )
    op.create_index("ix_orchestrator_flow_day_day", "orchestrator_flow_day", ["day"])
    op.create_table(
        "orchestrator_node_day",
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("flow_id", sa.String(length=32), nullable=False),
        sa.Column("node", sa.String(length=512), nullable=False),
        sa.Column("plugin", sa.String(length=128), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("durations", JSON, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "day", "flow_id", "node", "plugin", "version"),
    )
    op.create_table(
        "orchestrator_counted_task",
        sa.Column("task_id", sa.String(length=32), nullable=False),
        sa.Column("numbers", JSON, nullable=False),
        sa.PrimaryKeyConstraint("task_id"),
    )
    op.add_column("orchestrator_flow", sa.Column("minutes_by_hand", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("orchestrator_task", sa.Column("counted", sa.String(length=16), nullable=True))
    op.create_index(
        "ix_orchestrator_task_uncounted",
        "orchestrator_task",
        ["id"],
        sqlite_where=UNCOUNTED,
        postgresql_where=UNCOUNTED,
    )


def downgrade() -> None:
    op.drop_index("ix_orchestrator_task_uncounted", table_name="orchestrator_task")
    op.drop_column("orchestrator_task", "counted")
    op.drop_column("orchestrator_flow", "minutes_by_hand")
    for table in ("orchestrator_counted_task", "orchestrator_node_day", "orchestrator_flow_day"):
        op.drop_table(table)
