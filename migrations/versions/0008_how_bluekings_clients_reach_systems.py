"""how BlueKing's clients may reach a system

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_COLUMNS = ("self_service", "parameter_credentials")


def upgrade() -> None:
    for name in _COLUMNS:
        op.add_column("gateway_system", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for name in reversed(_COLUMNS):
        op.drop_column("gateway_system", name)
