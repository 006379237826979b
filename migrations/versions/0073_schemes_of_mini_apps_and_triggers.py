"""schemes by which mini-apps and triggers start tasks

Revision ID: 0073
Revises: 0072
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
_TABLES = ("orchestrator_mini_app", "orchestrator_trigger")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("schemes", JSON, nullable=False, server_default="[]"))


def downgrade() -> None:
    for table in _TABLES:
        op.drop_column(table, "schemes")
