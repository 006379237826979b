"""secrets among the inputs of tasks stand sealed

Revision ID: 0056
Revises: 0055
"""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('orchestrator_secret_input',
    sa.Column('owner', sa.String(length=32), nullable=False),
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('sealed', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('owner', 'id')
    )


def downgrade() -> None:
    op.drop_table('orchestrator_secret_input')
