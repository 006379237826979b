"""publishers whose domain says who they are

Revision ID: 0054
Revises: 0053
"""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("marketplace_publisher", sa.Column("domain", sa.String(length=253), nullable=True))
    op.add_column("marketplace_publisher", sa.Column("challenge", sa.String(length=64), nullable=True))
    op.add_column("marketplace_publisher", sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("marketplace_publisher", sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for column in ("checked_at", "verified_at", "challenge", "domain"):
        op.drop_column("marketplace_publisher", column)
