"""idempotency keys of the tools

Revision ID: 0044
Revises: 0043
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table('adapter_tools_idempotency',
    sa.Column('caller', sa.String(length=128), nullable=False),
    sa.Column('key', sa.String(length=255), nullable=False),
    sa.Column('component', sa.String(length=128), nullable=False),
    sa.Column('request_digest', sa.String(length=64), nullable=False),
    sa.Column('answer', JSON, nullable=True),
    sa.Column('owner', sa.String(length=255), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('caller', 'key')
    )
    op.create_index('ix_adapter_tools_idempotency_created_at', 'adapter_tools_idempotency', ['created_at'])


def downgrade() -> None:
    op.drop_index('ix_adapter_tools_idempotency_created_at', table_name='adapter_tools_idempotency')
    op.drop_table('adapter_tools_idempotency')
