"""schedules, triggers and mini-apps of flows that other projects share

Revision ID: 0086
Revises: 0085
"""

import sqlalchemy as sa
from alembic import op

revision = "0086"
down_revision = "0085"
branch_labels = None
depends_on = None

_TABLES = ("orchestrator_schedule", "orchestrator_trigger", "orchestrator_mini_app")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("common", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for table in _TABLES:
        op.drop_column(table, "common")
