"""flows that an administrator shares with other projects

Revision ID: 0070
Revises: 0069
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "orchestrator_common_flow",
        sa.Column("flow_id", sa.String(length=32), nullable=False),
        sa.Column("projects", JSON, nullable=False),
        sa.Column("shared_by", sa.String(length=128), nullable=False),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["flow_id"], ["orchestrator_flow.id"]),
        sa.PrimaryKeyConstraint("flow_id"),
    )


def downgrade() -> None:
    op.drop_table("orchestrator_common_flow")
