"""what people allow apps: codes, refresh tokens, consents, revocations

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "gateway_oauth_authorization",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("app_code", sa.String(length=32), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("scopes", _JSON, nullable=False),
        sa.Column("resource", sa.String(length=500), nullable=True),
        sa.Column("signed_in_at", _TIME, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("tokens_expire_at", _TIME, nullable=True),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("app_code", "username", "expires_at"):
        op.create_index(f"ix_gateway_oauth_authorization_{column}", "gateway_oauth_authorization", [column])
    op.create_table(
        "gateway_oauth_code",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("authorization_id", sa.String(length=32), nullable=False),
        sa.Column("redirect_uri", sa.String(length=2000), nullable=False),
        sa.Column("redirect_uri_sent", sa.Boolean(), nullable=False),
        sa.Column("code_challenge", sa.String(length=43), nullable=False),
        sa.Column("nonce", sa.String(length=500), nullable=True),
        sa.Column("dpop_jkt", sa.String(length=64), nullable=True),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("redeemed_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_index("ix_gateway_oauth_code_authorization_id", "gateway_oauth_code", ["authorization_id"])
    op.create_table(
        "gateway_oauth_refresh_token",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("authorization_id", sa.String(length=32), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("dpop_jkt", sa.String(length=64), nullable=True),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("used_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("sha256"),
    )
    for column in ("authorization_id", "expires_at"):
        op.create_index(f"ix_gateway_oauth_refresh_token_{column}", "gateway_oauth_refresh_token", [column])
    op.create_table(
        "gateway_oauth_consent",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("app_code", sa.String(length=32), nullable=False),
        sa.Column("scopes", _JSON, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("username", "app_code"),
    )
    op.create_index("ix_gateway_oauth_consent_app_code", "gateway_oauth_consent", ["app_code"])
    op.create_table(
        "gateway_oauth_revocation",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("issued_before", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject"),
    )
    op.create_index("ix_gateway_oauth_revocation_expires_at", "gateway_oauth_revocation", ["expires_at"])


def downgrade() -> None:
    for table in ("revocation", "consent", "refresh_token", "code", "authorization"):
        op.drop_table(f"gateway_oauth_{table}")
