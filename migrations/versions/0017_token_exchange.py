"""apps that may exchange tokens of others, and clients that register themselves

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gateway_oauth_exchange_permission",
        sa.Column("app_code", sa.String(length=32), nullable=False),
        sa.Column("exchanger", sa.String(length=32), nullable=False),
        sa.Column("allowed_by", sa.String(length=128), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("app_code", "exchanger"),
    )
    with op.batch_alter_table("gateway_oauth_exchange_permission", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_gateway_oauth_exchange_permission_exchanger"), ["exchanger"], unique=False
        )
    op.create_table(
        "gateway_oauth_initial_token",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("sha256"),
    )
    with op.batch_alter_table("gateway_oauth_initial_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_gateway_oauth_initial_token_owner"), ["owner"], unique=False)
    op.create_table(
        "gateway_oauth_registered_client",
        sa.Column("app_code", sa.String(length=32), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("app_code"),
    )
    with op.batch_alter_table("gateway_oauth_registered_client", schema=None) as batch_op:
        for name in ("created_at", "origin"):
            batch_op.create_index(batch_op.f(f"ix_gateway_oauth_registered_client_{name}"), [name], unique=False)


def downgrade() -> None:
    op.drop_table("gateway_oauth_registered_client")
    op.drop_table("gateway_oauth_initial_token")
    op.drop_table("gateway_oauth_exchange_permission")
