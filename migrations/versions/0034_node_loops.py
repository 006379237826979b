"""how often a node was reached, and room for the ids of nodes inside nodes

Revision ID: 0034
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_NODE_IDS = (
    ("orchestrator_node_run", False),
    ("orchestrator_task_event", True),
    ("orchestrator_task_message", True),
)


def upgrade() -> None:
    op.add_column("orchestrator_node_run", sa.Column("loop", sa.Integer(), nullable=False, server_default="1"))
    for table, nullable in _NODE_IDS:
        with op.batch_alter_table(table) as batch:
            batch.alter_column(
                "node_id",
                existing_type=sa.String(length=64),
                type_=sa.String(length=2048),
                existing_nullable=nullable,
            )


def downgrade() -> None:
    for table, nullable in _NODE_IDS:
        with op.batch_alter_table(table) as batch:
            batch.alter_column(
                "node_id",
                existing_type=sa.String(length=2048),
                type_=sa.String(length=64),
                existing_nullable=nullable,
            )
    op.drop_column("orchestrator_node_run", "loop")
