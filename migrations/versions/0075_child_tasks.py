"""tasks that nodes of other tasks start and wait for

Revision ID: 0075
Revises: 0074
"""

import sqlalchemy as sa
from alembic import op

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "orchestrator_child_task",
        sa.Column("task_id", sa.String(length=32), nullable=False),
        sa.Column("parent_id", sa.String(length=32), nullable=False),
        sa.Column("root_id", sa.String(length=32), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("node_id", sa.String(length=2048), nullable=False),
        sa.Column("run_id", sa.String(length=48), nullable=False),
        sa.Column("told", sa.String(length=16), nullable=False),
        sa.Column("passed", sa.String(length=16), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("task_id"),
    )
    op.create_index("ix_orchestrator_child_task_parent", "orchestrator_child_task", ["parent_id", "node_id"])
    op.create_index(
        "ix_orchestrator_child_task_unsettled",
        "orchestrator_child_task",
        ["task_id"],
        sqlite_where=sa.text("settled = 0"),
        postgresql_where=sa.text("NOT settled"),
    )


def downgrade() -> None:
    op.drop_index("ix_orchestrator_child_task_unsettled", table_name="orchestrator_child_task")
    op.drop_index("ix_orchestrator_child_task_parent", table_name="orchestrator_child_task")
    op.drop_table("orchestrator_child_task")
