"""addresses that clients of Standard OPS have told of flows' tasks, each repeated as its client wants it

Revision ID: 0092
Revises: 0091
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0092"
down_revision = "0091"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "orchestrator_flow_webhook",
        sa.Column("flow_id", sa.String(length=32), nullable=False),
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("events", JSON, nullable=False),
        sa.Column("sealed_headers", sa.Text(), nullable=False),
        sa.Column("timeout", sa.Integer(), nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("interval", sa.Integer(), nullable=False),
        sa.Column("updated_by", sa.String(length=128), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("flow_id"),
    )
    op.add_column("orchestrator_notice", sa.Column("pauses", JSON, nullable=True))


def downgrade() -> None:
    op.drop_column("orchestrator_notice", "pauses")
    op.drop_table("orchestrator_flow_webhook")
