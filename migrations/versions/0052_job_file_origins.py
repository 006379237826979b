"""files that are distributed and come from elsewhere than hosts

Revision ID: 0052
Revises: 0051
"""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('adapter_job_local_file',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('bk_scope_type', sa.String(length=16), nullable=False),
    sa.Column('bk_scope_id', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=255), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('pieces', sa.Integer(), nullable=False),
    sa.Column('is_complete', sa.Boolean(), nullable=False),
    sa.Column('creator', sa.String(length=128), nullable=False),
    sa.Column('create_ms', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_adapter_job_local_file_bk_scope_id', 'adapter_job_local_file', ['bk_scope_id'])
    op.create_table('adapter_job_local_file_piece',
    sa.Column('file_id', sa.String(length=32), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['file_id'], ['adapter_job_local_file.id'], ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('file_id', 'number')
    )
    op.create_table('adapter_job_file_source',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('bk_scope_type', sa.String(length=16), nullable=False),
    sa.Column('bk_scope_id', sa.String(length=32), nullable=False),
    sa.Column('code', sa.String(length=64), nullable=False),
    sa.Column('alias', sa.String(length=128), nullable=False),
    sa.Column('type', sa.String(length=16), nullable=False),
    sa.Column('base_url', sa.String(length=1000), nullable=False),
    sa.Column('bucket', sa.String(length=64), nullable=False),
    sa.Column('region', sa.String(length=64), nullable=False),
    sa.Column('credential_sealed', sa.Text(), nullable=False),
    sa.Column('creator', sa.String(length=128), nullable=False),
    sa.Column('create_ms', sa.BigInteger(), nullable=False),
    sa.Column('last_modify_user', sa.String(length=128), nullable=False),
    sa.Column('last_modify_ms', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('bk_scope_type', 'bk_scope_id', 'code'),
    sqlite_autoincrement=True
    )


def downgrade() -> None:
    op.drop_table('adapter_job_file_source')
    op.drop_table('adapter_job_local_file_piece')
    op.drop_table('adapter_job_local_file')
