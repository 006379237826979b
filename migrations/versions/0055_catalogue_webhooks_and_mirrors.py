"""who is told what changes in the catalogue, and other installations that are followed

Revision ID: 0055
Revises: 0054
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "marketplace_webhook",
        sa.Column("id", sa.String(length=32), primary_key=True),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("events", _JSON, nullable=False),
        sa.Column("publishers", _JSON, nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(length=128), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
    )
    op.create_table(
        "marketplace_webhook_delivery",
        sa.Column("id", sa.String(length=32), primary_key=True),
        sa.Column("webhook_id", sa.String(length=32), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("message", _JSON, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", _TIME, nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("problem", sa.String(length=500), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("delivered_at", _TIME, nullable=True),
    )
    delivery = "marketplace_webhook_delivery"
    op.create_index(f"ix_{delivery}_next_attempt_at", delivery, ["next_attempt_at"])
    op.create_index(f"ix_{delivery}_webhook", delivery, ["webhook_id", "id"])
    op.create_table(
        "marketplace_mirror",
        sa.Column("name", sa.String(length=32), primary_key=True),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("sealed_token", sa.Text(), nullable=False),
        sa.Column("publishers", _JSON, nullable=False),
        sa.Column("plugins", _JSON, nullable=False),
        sa.Column("channels", _JSON, nullable=False),
        sa.Column("every_minutes", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("cursor", sa.String(length=32), nullable=False),
        sa.Column("next_round_at", _TIME, nullable=False),
        sa.Column("is_asked", sa.Boolean(), nullable=False),
        sa.Column("last_round_at", _TIME, nullable=True),
        sa.Column("last_success_at", _TIME, nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("created_by", sa.String(length=128), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
    )
    op.create_table(
        "marketplace_mirrored_version",
        sa.Column("mirror", sa.String(length=32), primary_key=True),
        sa.Column("plugin_code", sa.String(length=64), primary_key=True),
        sa.Column("version", sa.String(length=64), primary_key=True),
        sa.Column("publisher", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=71), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
    )
    op.create_index(
        "ix_marketplace_mirrored_version_plugin", "marketplace_mirrored_version", ["plugin_code", "version"]
    )
    op.add_column("marketplace_advisory", sa.Column("origin", sa.String(length=80), nullable=True))
    op.create_index("ix_marketplace_advisory_origin", "marketplace_advisory", ["origin"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_marketplace_advisory_origin", "marketplace_advisory")
    op.drop_column("marketplace_advisory", "origin")
    for table in (
        "marketplace_mirrored_version",
        "marketplace_mirror",
        "marketplace_webhook_delivery",
        "marketplace_webhook",
    ):
        op.drop_table(table)
