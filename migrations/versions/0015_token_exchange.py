"""apps that may exchange tokens of others

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gateway_oauth_exchange_permission",
        sa.Column("app_code", sa.String(length=32), nullable=False),
        sa.Column("exchanger", sa.String(length=32), nullable=False),
        sa.Column("allowed_by", sa.String(length=128), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("app_code", "exchanger"),
    )
    with op.batch_alter_table("gateway_oauth_exchange_permission", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_gateway_oauth_exchange_permission_exchanger"), ["exchanger"], unique=False
        )


def downgrade() -> None:
    op.drop_table("gateway_oauth_exchange_permission")
