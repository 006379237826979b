"""how many tasks projects may have at once, and which wait for that

Revision ID: 0057
Revises: 0056
"""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('orchestrator_quota',
    sa.Column('project_id', sa.String(length=32), nullable=False),
    sa.Column('running_tasks', sa.Integer(), nullable=True),
    sa.Column('queued_tasks', sa.Integer(), nullable=True),
    sa.Column('launches_per_minute', sa.Integer(), nullable=True),
    sa.Column('calls_at_once', sa.Integer(), nullable=True),
    sa.Column('updated_by', sa.String(length=128), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('project_id')
    )
    op.add_column('orchestrator_task', sa.Column('queued_at', sa.DateTime(timezone=True), nullable=True))
    waits = sa.text("state = 'CREATED' AND queued_at IS NOT NULL")
    op.create_index('ix_orchestrator_task_queued', 'orchestrator_task', ['project_id', 'queued_at'], sqlite_where=waits, postgresql_where=waits)
    under_way = sa.text("state = 'RUNNING' OR (state = 'CREATED' AND start_at IS NOT NULL)")
    op.create_index('ix_orchestrator_task_under_way', 'orchestrator_task', ['project_id'], sqlite_where=under_way, postgresql_where=under_way)


def downgrade() -> None:
    op.drop_index('ix_orchestrator_task_under_way', table_name='orchestrator_task')
    op.drop_index('ix_orchestrator_task_queued', table_name='orchestrator_task')
    op.drop_column('orchestrator_task', 'queued_at')
    op.drop_table('orchestrator_quota')
