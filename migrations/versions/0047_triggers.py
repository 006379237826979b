"""triggers that start tasks

Revision ID: 0047
Revises: 0046
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table('orchestrator_inventory_feed',
    sa.Column('project_id', sa.String(length=32), nullable=False),
    sa.Column('resource', sa.String(length=16), nullable=False),
    sa.Column('cursor', sa.String(length=32), nullable=False),
    sa.Column('watcher', sa.String(length=32), nullable=False),
    sa.Column('watched_until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('problem', sa.String(length=500), nullable=False),
    sa.PrimaryKeyConstraint('project_id', 'resource')
    )
    op.create_table('orchestrator_trigger',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('project_id', sa.String(length=32), nullable=False),
    sa.Column('flow_id', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('owner', sa.String(length=128), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('resource', sa.String(length=16), nullable=False),
    sa.Column('event_types', JSON, nullable=False),
    sa.Column('condition', sa.String(length=4096), nullable=False),
    sa.Column('mapping', JSON, nullable=False),
    sa.Column('revision', sa.Integer(), nullable=True),
    sa.Column('authentication', sa.String(length=16), nullable=False),
    sa.Column('sealed_secret', sa.Text(), nullable=False),
    sa.Column('payload_schema', JSON, nullable=True),
    sa.Column('per_minute', sa.Integer(), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('refusals', sa.Integer(), nullable=False),
    sa.Column('stopped_because', sa.String(length=500), nullable=False),
    sa.Column('created_by', sa.String(length=128), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_orchestrator_trigger_flow_id', 'orchestrator_trigger', ['flow_id'])
    op.create_index('ix_orchestrator_trigger_project_id', 'orchestrator_trigger', ['project_id'])
    op.create_table('orchestrator_trigger_run',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('trigger_id', sa.String(length=32), nullable=False),
    sa.Column('key', sa.String(length=255), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('outcome', sa.String(length=16), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=False),
    sa.Column('task_id', sa.String(length=32), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('trigger_id', 'key')
    )
    op.create_index('ix_orchestrator_trigger_run_at', 'orchestrator_trigger_run', ['at'])
    op.create_index('ix_orchestrator_trigger_run_recent', 'orchestrator_trigger_run', ['trigger_id', 'at'])


def downgrade() -> None:
    op.drop_table("orchestrator_trigger_run")
    op.drop_table("orchestrator_trigger")
    op.drop_table("orchestrator_inventory_feed")
