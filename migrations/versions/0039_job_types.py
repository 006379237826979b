"""what kind of job an execution was

Revision ID: 0039
Revises: 0038
"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("adapter_job_instance", sa.Column("type", sa.Integer(), nullable=False, server_default="1"))
    op.execute("UPDATE adapter_job_instance SET type = 0 WHERE job_plan_id IS NOT NULL")
    op.execute(
        "UPDATE adapter_job_instance SET type = 2 WHERE job_plan_id IS NULL"
        " AND job_instance_id IN (SELECT job_instance_id FROM adapter_job_step WHERE type = 2)"
    )


def downgrade() -> None:
    op.drop_column("adapter_job_instance", "type")
