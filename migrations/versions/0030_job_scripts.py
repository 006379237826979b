"""the library of scripts

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "adapter_job_script",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("bk_scope_type", sa.String(length=16), nullable=False),
        sa.Column("bk_scope_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("script_language", sa.Integer(), nullable=False),
        sa.Column("creator", sa.String(length=128), nullable=False),
        sa.Column("create_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("bk_scope_type", "bk_scope_id", "name"),
    )
    op.create_table(
        "adapter_job_script_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("script_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("version_desc", sa.String(length=500), nullable=False),
        sa.Column("content_sealed", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("creator", sa.String(length=128), nullable=False),
        sa.Column("create_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["script_id"], ["adapter_job_script.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("script_id", "version"),
    )
    op.create_index("ix_adapter_job_script_version_script_id", "adapter_job_script_version", ["script_id"])


def downgrade() -> None:
    op.drop_table("adapter_job_script_version")
    op.drop_table("adapter_job_script")
