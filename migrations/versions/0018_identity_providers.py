"""identity providers, who people are there, and CMDB businesses whose roles are synchronised

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "gateway_identity_provider",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("issuer", sa.String(length=1000), nullable=False),
        sa.Column("client_id", sa.String(length=200), nullable=False),
        sa.Column("client_secret", sa.Text(), nullable=True),
        sa.Column("scopes", _JSON, nullable=False),
        sa.Column("username_claim", sa.String(length=64), nullable=False),
        sa.Column("role_rules", _JSON, nullable=False),
        sa.Column("creates_users", sa.Boolean(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("issuer"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "gateway_foreign_identity",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("issuer", sa.String(length=1000), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_sign_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("issuer", "subject", name="uq_gateway_foreign_identity"),
    )
    op.create_index("ix_gateway_foreign_identity_username", "gateway_foreign_identity", ["username"])
    op.create_table(
        "gateway_project_business",
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("bk_biz_id", sa.Integer(), nullable=False),
        sa.Column("roles", _JSON, nullable=False),
        sa.Column("bound_by", sa.String(length=128), nullable=False),
        sa.Column("next_sync_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("synced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("strangers", _JSON, nullable=False),
        sa.Column("problem", sa.String(length=1000), nullable=False),
        sa.PrimaryKeyConstraint("project_id"),
    )
    op.create_index("ix_gateway_project_business_next_sync_at", "gateway_project_business", ["next_sync_at"])


def downgrade() -> None:
    op.drop_table("gateway_project_business")
    op.drop_table("gateway_foreign_identity")
    op.drop_table("gateway_identity_provider")
