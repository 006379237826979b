"""plugins are told of node runs that are wanted no more

Revision ID: 0082
Revises: 0081
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0082"
down_revision = "0081"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
_TABLE = "orchestrator_node_cancellation"


def upgrade() -> None:
    op.create_table(
        _TABLE,
        sa.Column("run_id", sa.String(length=48), nullable=False),
        sa.Column("task_id", sa.String(length=32), nullable=False),
        sa.Column("node_id", sa.String(length=2048), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("storage", JSON, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run_id"),
    )
    op.create_index("ix_orchestrator_node_cancellation_task_id", _TABLE, ["task_id"])
    op.create_index(
        "ix_orchestrator_node_cancellation_due",
        _TABLE,
        ["due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_orchestrator_node_cancellation_due", table_name=_TABLE)
    op.drop_index("ix_orchestrator_node_cancellation_task_id", table_name=_TABLE)
    op.drop_table(_TABLE)
