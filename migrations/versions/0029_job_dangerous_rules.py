"""rules about dangerous commands in scripts

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "adapter_job_dangerous_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("expression", sa.String(length=500), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("languages", _JSON, nullable=False),
        sa.Column("action", sa.Integer(), nullable=False),
        sa.Column("creator", sa.String(length=128), nullable=False),
        sa.Column("create_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    op.drop_table("adapter_job_dangerous_rule")
