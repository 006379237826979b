"""job plans, and jobs of several steps

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "adapter_job_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bk_scope_type", sa.String(length=16), nullable=False),
        sa.Column("bk_scope_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("creator", sa.String(length=128), nullable=False),
        sa.Column("create_ms", sa.BigInteger(), nullable=False),
        sa.Column("last_modify_user", sa.String(length=128), nullable=False),
        sa.Column("last_modify_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("bk_scope_type", "bk_scope_id", "name"),
        # Ids are never given twice, since executions name their plan after it is gone.
        sqlite_autoincrement=True,
    )
    op.create_table(
        "adapter_job_plan_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job_plan_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_sealed", sa.Text(), nullable=False),
        sa.Column("creator", sa.String(length=128), nullable=False),
        sa.Column("create_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["job_plan_id"], ["adapter_job_plan.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("job_plan_id", "version"),
    )
    op.add_column("adapter_job_instance", sa.Column("job_plan_id", sa.Integer(), nullable=True))
    op.create_index("ix_adapter_job_instance_job_plan_id", "adapter_job_instance", ["job_plan_id"])
    op.add_column(
        "adapter_job_step", sa.Column("approval_message", sa.String(length=2000), nullable=False, server_default="")
    )


def downgrade() -> None:
    op.drop_column("adapter_job_step", "approval_message")
    op.drop_index("ix_adapter_job_instance_job_plan_id", "adapter_job_instance")
    op.drop_column("adapter_job_instance", "job_plan_id")
    op.drop_table("adapter_job_plan_version")
    op.drop_table("adapter_job_plan")
