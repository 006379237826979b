"""keys of access tokens that rotate

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("gateway_signing_key", schema=None) as batch_op:
        batch_op.add_column(sa.Column("signs", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("signs_from", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("verifies_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.alter_column("sealed_private_key", existing_type=sa.String(), nullable=True)
    op.execute("UPDATE gateway_signing_key SET signs_from = created_at")
    with op.batch_alter_table("gateway_signing_key", schema=None) as batch_op:
        batch_op.alter_column("signs_from", existing_type=sa.DateTime(timezone=True), nullable=False)


def downgrade() -> None:
    op.execute("DELETE FROM gateway_signing_key WHERE sealed_private_key IS NULL")
    with op.batch_alter_table("gateway_signing_key", schema=None) as batch_op:
        batch_op.alter_column("sealed_private_key", existing_type=sa.String(), nullable=False)
        batch_op.drop_column("verifies_until")
        batch_op.drop_column("signs_from")
        batch_op.drop_column("signs")
