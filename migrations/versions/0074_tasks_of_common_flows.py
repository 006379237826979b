"""tasks that projects make of other projects' common flows

Revision ID: 0074
Revises: 0073
"""

import sqlalchemy as sa
from alembic import op

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None

_TABLES = ("orchestrator_task", "orchestrator_archived_task")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("common", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for table in _TABLES:
        op.drop_column(table, "common")
