"""plugins found by words and properties, and how their runs end

Revision ID: 0050
Revises: 0049
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

_TERM = sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "marketplace_search_term",
        sa.Column("term", _TERM, primary_key=True),
        sa.Column("plugin_code", sa.String(length=64), sa.ForeignKey("marketplace_plugin.code"), primary_key=True),
        sa.Column("weight", sa.Integer(), nullable=False),
    )
    op.create_index("ix_marketplace_search_term_plugin_code", "marketplace_search_term", ["plugin_code"])
    op.create_table(
        "marketplace_facet",
        sa.Column("facet", sa.String(length=16), primary_key=True),
        sa.Column("value", sa.String(length=128), primary_key=True),
        sa.Column("plugin_code", sa.String(length=64), sa.ForeignKey("marketplace_plugin.code"), primary_key=True),
    )
    op.create_index("ix_marketplace_facet_plugin_code", "marketplace_facet", ["plugin_code"])
    op.create_table(
        "marketplace_run_day",
        sa.Column("plugin", sa.String(length=64), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("succeeded", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
    )
    op.add_column(
        "marketplace_version_standing",
        sa.Column(
            "screenshots",
            sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql"),
            nullable=False,
            server_default="[]",
        ),
    )
    op.add_column("marketplace_plugin", sa.Column("requires", sa.String(length=200), nullable=True))
    op.add_column(
        "marketplace_plugin",
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default="1970-01-01 00:00:00+00:00"),
    )
    op.execute(
        "UPDATE marketplace_plugin SET updated_at = coalesce((SELECT max(published_at) FROM marketplace_plugin_version"
        " WHERE plugin_code = code), created_at)"
    )
    op.drop_column("marketplace_plugin", "search_text")
    op.drop_column("marketplace_plugin", "tag_text")


def downgrade() -> None:
    op.add_column("marketplace_plugin", sa.Column("search_text", sa.Text(), nullable=False, server_default=""))
    op.add_column("marketplace_plugin", sa.Column("tag_text", sa.Text(), nullable=False, server_default=""))
    op.drop_column("marketplace_plugin", "updated_at")
    op.drop_column("marketplace_plugin", "requires")
    op.drop_column("marketplace_version_standing", "screenshots")
    op.drop_table("marketplace_run_day")
    op.drop_table("marketplace_facet")
    op.drop_table("marketplace_search_term")
