"""plans of the job system that are executed by themselves

Revision ID: 0048
Revises: 0047
"""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('adapter_job_cron',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('bk_scope_type', sa.String(length=16), nullable=False),
    sa.Column('bk_scope_id', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=128), nullable=False),
    sa.Column('job_plan_id', sa.Integer(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('expression', sa.String(length=200), nullable=False),
    sa.Column('execute_ms', sa.BigInteger(), nullable=True),
    sa.Column('time_zone', sa.String(length=64), nullable=False),
    sa.Column('variables_sealed', sa.Text(), nullable=False),
    sa.Column('app', sa.String(length=128), nullable=False),
    sa.Column('user', sa.String(length=128), nullable=False),
    sa.Column('project', sa.String(length=64), nullable=False),
    sa.Column('next_ms', sa.BigInteger(), nullable=True),
    sa.Column('last_ms', sa.BigInteger(), nullable=True),
    sa.Column('last_job_instance_id', sa.Integer(), nullable=True),
    sa.Column('last_problem', sa.String(length=1000), nullable=False),
    sa.Column('creator', sa.String(length=128), nullable=False),
    sa.Column('create_ms', sa.BigInteger(), nullable=False),
    sa.Column('last_modify_user', sa.String(length=128), nullable=False),
    sa.Column('last_modify_ms', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('bk_scope_type', 'bk_scope_id', 'name'),
    sqlite_autoincrement=True
    )
    op.create_index('ix_adapter_job_cron_next_ms', 'adapter_job_cron', ['next_ms'])


def downgrade() -> None:
    op.drop_table('adapter_job_cron')
