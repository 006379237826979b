"""tasks that ended long ago, apart from those that run

Revision ID: 0064
Revises: 0063
"""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('orchestrator_archived_task',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('project_id', sa.String(length=32), nullable=False),
    sa.Column('flow_id', sa.String(length=32), nullable=False),
    sa.Column('flow_name', sa.String(length=200), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('created_by', sa.String(length=128), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('archived_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('definition_id', sa.String(length=64), nullable=False),
    sa.Column('record', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_orchestrator_archived_task_project', 'orchestrator_archived_task', ['project_id', 'id'])
    op.create_index('ix_orchestrator_archived_task_flow', 'orchestrator_archived_task', ['flow_id', 'id'])
    op.create_table('orchestrator_retention',
    sa.Column('project_id', sa.String(length=32), nullable=False),
    sa.Column('days', sa.Integer(), nullable=True),
    sa.Column('updated_by', sa.String(length=128), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('project_id')
    )
    ended = sa.text('finished_at IS NOT NULL')
    op.create_index('ix_orchestrator_task_ended', 'orchestrator_task', ['finished_at'], sqlite_where=ended, postgresql_where=ended)
    op.create_index('ix_orchestrator_task_message_task_id', 'orchestrator_task_message', ['task_id'])


def downgrade() -> None:
    op.drop_index('ix_orchestrator_task_message_task_id', table_name='orchestrator_task_message')
    op.drop_index('ix_orchestrator_task_ended', table_name='orchestrator_task')
    op.drop_table('orchestrator_retention')
    op.drop_table('orchestrator_archived_task')
