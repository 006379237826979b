"""packages in quarantine, publishers, reserved prefixes of codes

Revision ID: 0045
Revises: 0044
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
_WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    publishers = op.create_table(
        "marketplace_publisher",
        sa.Column("name", sa.String(length=64), primary_key=True),
        sa.Column("owner", sa.String(length=128), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "marketplace_namespace",
        sa.Column("prefix", sa.String(length=64), primary_key=True),
        sa.Column("publishers", _JSON, nullable=False),
        sa.Column("reserved_by", sa.String(length=128), nullable=False),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "marketplace_submission",
        sa.Column("id", sa.String(length=32), primary_key=True),
        sa.Column("plugin_code", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("publisher", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=71), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("reasons", _JSON, nullable=False),
        sa.Column("checks", _JSON, nullable=False),
        sa.Column("archive", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("submitted_by", sa.String(length=128), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=128), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("comment", sa.String(length=1000), nullable=True),
    )
    op.create_index("ix_marketplace_submission_state", "marketplace_submission", ["state"])
    op.create_index(
        "uq_marketplace_submission_waiting",
        "marketplace_submission",
        ["plugin_code", "version"],
        unique=True,
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
    _found_publishers(publishers)


def downgrade() -> None:
    op.drop_table("marketplace_submission")
    op.drop_table("marketplace_namespace")
    op.drop_table("marketplace_publisher")


def _found_publishers(publishers: sa.Table) -> None:
    """A name belongs to whoever published under it first."""
    columns = (sa.column("id"), sa.column("publisher"), sa.column("owner"), sa.column("created_at"))
    plugins = sa.table("marketplace_plugin", *columns)
    first = sa.select(sa.func.min(plugins.c.id)).group_by(plugins.c.publisher)
    found = sa.select(plugins.c.publisher, plugins.c.owner, plugins.c.created_at).where(plugins.c.id.in_(first))
    op.execute(publishers.insert().from_select(["name", "owner", "created_at"], found))
