"""a cancellation belongs to the process that makes it for as long as that lives

Revision ID: 0087
Revises: 0086
"""

import sqlalchemy as sa
from alembic import op

revision = "0087"
down_revision = "0086"
branch_labels = None
depends_on = None

_TABLE = "orchestrator_node_cancellation"


def upgrade() -> None:
    op.add_column(_TABLE, sa.Column("taken_by", sa.String(length=32), nullable=True))
    op.add_column(_TABLE, sa.Column("taken_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column(_TABLE, "taken_until")
    op.drop_column(_TABLE, "taken_by")
