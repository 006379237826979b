"""accounts by which jobs enter hosts, and the keys by which hosts are known

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "adapter_job_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bk_scope_type", sa.String(length=16), nullable=False),
        sa.Column("bk_scope_id", sa.String(length=32), nullable=False),
        sa.Column("alias", sa.String(length=128), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("secret_sealed", sa.Text(), nullable=False),
        sa.Column("sudo_user", sa.String(length=64), nullable=False),
        sa.Column("jump_ip", sa.String(length=64), nullable=False),
        sa.Column("jump_account_id", sa.Integer(), nullable=True),
        sa.Column("creator", sa.String(length=128), nullable=False),
        sa.Column("create_ms", sa.BigInteger(), nullable=False),
        sa.Column("last_modify_user", sa.String(length=128), nullable=False),
        sa.Column("last_modify_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["jump_account_id"], ["adapter_job_account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("bk_scope_type", "bk_scope_id", "alias"),
    )
    op.create_table(
        "adapter_job_host_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bk_cloud_id", sa.Integer(), nullable=False),
        sa.Column("ip", sa.String(length=64), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("seen_ms", sa.BigInteger(), nullable=False),
        sa.Column("accepted_by", sa.String(length=128), nullable=False),
        sa.Column("accepted_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("bk_cloud_id", "ip", "port", "fingerprint"),
    )
    op.add_column("adapter_job_step", sa.Column("account_id", sa.Integer(), nullable=True))
    op.add_column(
        "adapter_job_host_run", sa.Column("is_remote", sa.Boolean(), nullable=False, server_default=sa.false())
    )


def downgrade() -> None:
    op.drop_column("adapter_job_host_run", "is_remote")
    op.drop_column("adapter_job_step", "account_id")
    op.drop_table("adapter_job_host_key")
    op.drop_table("adapter_job_account")
