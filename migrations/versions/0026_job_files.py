"""steps of jobs that distribute files

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("adapter_job_host_run") as batch:
        batch.add_column(sa.Column("files", _JSON, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("adapter_job_host_run") as batch:
        batch.drop_column("files")
