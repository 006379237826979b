"""nodes wait for locks and for events

Revision ID: 0065
Revises: 0064
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('orchestrator_node_run') as batch_op:
        batch_op.add_column(sa.Column('lock_key', sa.String(length=256), nullable=True))
        batch_op.add_column(sa.Column('awaits', sa.String(length=320), nullable=True))
        for name, column in (('lock', 'lock_key'), ('awaits', 'awaits')):
            held = sa.text(f'{column} IS NOT NULL')
            batch_op.create_index(
                f'ix_orchestrator_node_run_{name}', [column], sqlite_where=held, postgresql_where=held
            )
    op.create_table('orchestrator_event',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('project_id', sa.String(length=32), nullable=False),
    sa.Column('about', sa.String(length=320), nullable=False),
    sa.Column('given_id', sa.String(length=128), nullable=True),
    sa.Column('data', sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"), nullable=False),
    sa.Column('sender', sa.String(length=128), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('project_id', 'given_id')
    )
    op.create_index('ix_orchestrator_event_about', 'orchestrator_event', ['project_id', 'about'])
    op.create_index('ix_orchestrator_event_expires_at', 'orchestrator_event', ['expires_at'])
    op.create_table('orchestrator_event_delivery',
    sa.Column('event_id', sa.String(length=32), nullable=False),
    sa.Column('task_id', sa.String(length=32), nullable=False),
    sa.Column('node_id', sa.String(length=2048), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('event_id', 'task_id', 'node_id')
    )


def downgrade() -> None:
    op.drop_table('orchestrator_event_delivery')
    op.drop_table('orchestrator_event')
    with op.batch_alter_table('orchestrator_node_run') as batch_op:
        batch_op.drop_index('ix_orchestrator_node_run_awaits')
        batch_op.drop_index('ix_orchestrator_node_run_lock')
        batch_op.drop_column('awaits')
        batch_op.drop_column('lock_key')
