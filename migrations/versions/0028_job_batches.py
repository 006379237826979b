"""hosts of a job in batches

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_ADDED = (("adapter_job_step", "batch"), ("adapter_job_step", "rolling_mode"), ("adapter_job_host_run", "batch"))


def upgrade() -> None:
    for table, column in _ADDED:
        op.add_column(table, sa.Column(column, sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    for table, column in _ADDED:
        op.drop_column(table, column)
