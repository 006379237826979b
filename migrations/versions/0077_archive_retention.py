"""how long archived tasks are kept

Revision ID: 0077
Revises: 0076
"""

import sqlalchemy as sa
from alembic import op

revision = "0077"
down_revision = "0076"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("orchestrator_retention", sa.Column("archive_days", sa.Integer(), nullable=True))
    op.create_index("ix_orchestrator_archived_task_archived_at", "orchestrator_archived_task", ["archived_at"])


def downgrade() -> None:
    op.drop_index("ix_orchestrator_archived_task_archived_at", table_name="orchestrator_archived_task")
    op.drop_column("orchestrator_retention", "archive_days")
