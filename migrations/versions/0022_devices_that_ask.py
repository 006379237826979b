"""devices that ask for a person's authorization

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "gateway_oauth_device_request",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("user_code_sha256", sa.String(length=64), nullable=False),
        sa.Column("app_code", sa.String(length=32), nullable=False),
        sa.Column("scopes", _JSON, nullable=False),
        sa.Column("resource", sa.String(length=500), nullable=True),
        sa.Column("interval", sa.Integer(), nullable=False),
        sa.Column("polled_at", _TIME, nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("authorization_id", sa.String(length=32), nullable=True),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
        sa.UniqueConstraint("user_code_sha256"),
    )
    op.create_index("ix_gateway_oauth_device_request_expires_at", "gateway_oauth_device_request", ["expires_at"])


def downgrade() -> None:
    op.drop_table("gateway_oauth_device_request")
