"""who is told of tasks, and what was told

Revision ID: 0051
Revises: 0050
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table('orchestrator_flow_notices',
    sa.Column('flow_id', sa.String(length=32), nullable=False),
    sa.Column('project_id', sa.String(length=32), nullable=False),
    sa.Column('events', JSON, nullable=False),
    sa.Column('launcher', sa.Boolean(), nullable=False),
    sa.Column('people', JSON, nullable=False),
    sa.Column('groups', JSON, nullable=False),
    sa.Column('url', sa.String(length=1000), nullable=False),
    sa.Column('sealed_secret', sa.Text(), nullable=False),
    sa.Column('updated_by', sa.String(length=128), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('flow_id')
    )
    op.create_table('orchestrator_notice',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('project_id', sa.String(length=32), nullable=False),
    sa.Column('flow_id', sa.String(length=32), nullable=False),
    sa.Column('task_id', sa.String(length=32), nullable=True),
    sa.Column('about', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('sender', sa.String(length=128), nullable=False),
    sa.Column('receivers', JSON, nullable=False),
    sa.Column('url', sa.String(length=1000), nullable=False),
    sa.Column('title', sa.String(length=300), nullable=False),
    sa.Column('content', sa.Text(), nullable=False),
    sa.Column('message', JSON, nullable=True),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('next_attempt_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('status', sa.Integer(), nullable=True),
    sa.Column('problem', sa.String(length=500), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('key')
    )
    op.create_index('ix_orchestrator_notice_flow', 'orchestrator_notice', ['flow_id', 'id'])
    op.create_index('ix_orchestrator_notice_next_attempt_at', 'orchestrator_notice', ['next_attempt_at'])
    op.create_table('orchestrator_notice_group',
    sa.Column('project_id', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('people', JSON, nullable=False),
    sa.PrimaryKeyConstraint('project_id', 'name')
    )
    op.add_column('orchestrator_task', sa.Column('told', sa.String(length=16), nullable=True))
    op.add_column('orchestrator_task', sa.Column('callback_url', sa.String(length=1000), nullable=False, server_default=''))
    op.create_index('ix_orchestrator_task_told', 'orchestrator_task', ['told'], sqlite_where=sa.text('told IS NOT NULL'), postgresql_where=sa.text('told IS NOT NULL'))
    op.create_index('ix_orchestrator_task_untold', 'orchestrator_task', ['id'], sqlite_where=sa.text('told IS NOT NULL AND told <> state'), postgresql_where=sa.text('told IS NOT NULL AND told <> state'))


def downgrade() -> None:
    op.drop_index("ix_orchestrator_task_untold", table_name="orchestrator_task")
    op.drop_index("ix_orchestrator_task_told", table_name="orchestrator_task")
    op.drop_column("orchestrator_task", "callback_url")
    op.drop_column("orchestrator_task", "told")
    for table in ("orchestrator_notice_group", "orchestrator_notice", "orchestrator_flow_notices"):
        op.drop_table(table)
