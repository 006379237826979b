"""cursors of BlueKing's inventory are longer than our own

Revision ID: 0071
Revises: 0070
"""

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("orchestrator_inventory_feed") as feed:
        feed.alter_column("cursor", existing_type=sa.String(length=32), type_=sa.String(length=255), nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("orchestrator_inventory_feed") as feed:
        feed.alter_column("cursor", existing_type=sa.String(length=255), type_=sa.String(length=32), nullable=False)
