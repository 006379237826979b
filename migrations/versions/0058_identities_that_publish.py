"""pipelines that publish by a token of their own

Revision ID: 0058
Revises: 0057
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "marketplace_publisher_identity",
        sa.Column("id", sa.String(length=32), primary_key=True),
        sa.Column("publisher", sa.String(length=64), sa.ForeignKey("marketplace_publisher.name"), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("plugins", _JSON, nullable=False),
        sa.Column("created_by", sa.String(length=128), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("proven_at", _TIME, nullable=True),
        sa.Column("proven_subject", sa.String(length=255), nullable=True),
        sa.Column("last_used_at", _TIME, nullable=True),
    )
    op.create_index(
        "ix_marketplace_publisher_identity_publisher", "marketplace_publisher_identity", ["publisher"]
    )
    op.create_table(
        "marketplace_publish_token",
        sa.Column("digest", sa.String(length=64), primary_key=True),
        sa.Column("identity_id", sa.String(length=32), nullable=False),
        sa.Column("publisher", sa.String(length=64), nullable=False),
        sa.Column("plugin", sa.String(length=64), nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
    )
    op.create_index("ix_marketplace_publish_token_expires_at", "marketplace_publish_token", ["expires_at"])


def downgrade() -> None:
    op.drop_table("marketplace_publish_token")
    op.drop_table("marketplace_publisher_identity")
