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
    op.add_column("adapter_job_host_run", sa.Column("files", _JSON, nullable=True))


def downgrade() -> None:
    op.drop_column("adapter_job_host_run", "files")
