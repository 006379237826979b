"""apps that sign their calls, and apps whose word about their users counts

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("may_name_user", "may_sign"):
        op.add_column("gateway_app", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("gateway_app_secret", sa.Column("sealed", sa.String(length=400), nullable=True))


def downgrade() -> None:
    op.drop_column("gateway_app_secret", "sealed")
    for name in ("may_sign", "may_name_user"):
        op.drop_column("gateway_app", name)
