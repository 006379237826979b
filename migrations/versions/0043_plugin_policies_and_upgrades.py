"""which plugins are taken, and upgrades that can be undone

Revision ID: 0043
Revises: 0042
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "marketplace_policy",
        sa.Column("project_id", sa.String(length=32), primary_key=True),
        sa.Column("document", _JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_by", sa.String(length=128), nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
    )
    op.create_table(
        "marketplace_disabled_plugin",
        sa.Column("project_id", sa.String(length=32), primary_key=True),
        sa.Column("plugin", sa.String(length=64), primary_key=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("disabled_by", sa.String(length=128), nullable=False),
        sa.Column("disabled_at", _TIME, nullable=False),
    )
    op.create_table(
        "marketplace_upgrade",
        sa.Column("id", sa.String(length=32), primary_key=True),
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("plugin", sa.String(length=64), nullable=False),
        sa.Column("from_version", sa.String(length=64), nullable=False),
        sa.Column("to_version", sa.String(length=64), nullable=False),
        sa.Column("added", sa.Boolean(), nullable=False),
        sa.Column("flows", _JSON, nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.String(length=128), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("undone_by", sa.String(length=128), nullable=True),
        sa.Column("undone_at", _TIME, nullable=True),
    )
    op.create_index("ix_marketplace_upgrade_project_id_plugin", "marketplace_upgrade", ["project_id", "plugin"])


def downgrade() -> None:
    op.drop_table("marketplace_upgrade")
    op.drop_table("marketplace_disabled_plugin")
    op.drop_table("marketplace_policy")
