"""triggers tell tasks of events

Revision ID: 0069
Revises: 0068
"""

import sqlalchemy as sa
from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('orchestrator_trigger') as batch_op:
        batch_op.add_column(sa.Column('event', sa.String(length=100), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('event_key', sa.String(length=1000), nullable=False, server_default=''))


def downgrade() -> None:
    with op.batch_alter_table('orchestrator_trigger') as batch_op:
        batch_op.drop_column('event_key')
        batch_op.drop_column('event')
