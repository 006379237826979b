"""schedules that start tasks

Revision ID: 0042
Revises: 0041
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table('orchestrator_schedule',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('project_id', sa.String(length=32), nullable=False),
    sa.Column('flow_id', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('owner', sa.String(length=128), nullable=False),
    sa.Column('cron', sa.String(length=200), nullable=True),
    sa.Column('time_zone', sa.String(length=64), nullable=False),
    sa.Column('start_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('end_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('inputs', JSON, nullable=False),
    sa.Column('revision', sa.Integer(), nullable=True),
    sa.Column('leave_out', JSON, nullable=False),
    sa.Column('missed', sa.String(length=16), nullable=False),
    sa.Column('overlap', sa.String(length=16), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('refusals', sa.Integer(), nullable=False),
    sa.Column('stopped_because', sa.String(length=500), nullable=False),
    sa.Column('created_by', sa.String(length=128), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_orchestrator_schedule_flow_id', 'orchestrator_schedule', ['flow_id'])
    op.create_index('ix_orchestrator_schedule_next_at', 'orchestrator_schedule', ['next_at'], sqlite_where=sa.text('next_at IS NOT NULL'), postgresql_where=sa.text('next_at IS NOT NULL'))
    op.create_index('ix_orchestrator_schedule_owner', 'orchestrator_schedule', ['owner'])
    op.create_index('ix_orchestrator_schedule_project_id', 'orchestrator_schedule', ['project_id'])
    op.create_table('orchestrator_schedule_run',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('schedule_id', sa.String(length=32), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('outcome', sa.String(length=16), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('task_id', sa.String(length=32), nullable=True),
    sa.Column('by', sa.String(length=128), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_orchestrator_schedule_run_at', 'orchestrator_schedule_run', ['at'])
    op.create_index('ix_orchestrator_schedule_run_queued', 'orchestrator_schedule_run', ['schedule_id'], sqlite_where=sa.text("outcome = 'queued'"), postgresql_where=sa.text("outcome = 'queued'"))
    op.create_index('ix_orchestrator_schedule_run_schedule', 'orchestrator_schedule_run', ['schedule_id', 'id'])
    op.create_index('ix_orchestrator_schedule_run_task_id', 'orchestrator_schedule_run', ['task_id'])


def downgrade() -> None:
    op.drop_table("orchestrator_schedule_run")
    op.drop_table("orchestrator_schedule")
