"""versions of plugins in channels, yanked, deprecated, with advisories

Revision ID: 0041
Revises: 0040
"""

import io
import zipfile
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from kernel.ids import new_id

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.add_column("marketplace_plugin", sa.Column("deprecation", _JSON, nullable=True))
    op.add_column("marketplace_plugin", sa.Column("is_hidden", sa.Boolean(), nullable=False, server_default=sa.false()))
    standing = op.create_table(
        "marketplace_version_standing",
        sa.Column("version_id", sa.String(length=32), sa.ForeignKey("marketplace_plugin_version.id"), primary_key=True),
        sa.Column("plugin_code", sa.String(length=64), nullable=False, index=True),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("yanked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("yanked_by", sa.String(length=128), nullable=True),
        sa.Column("yank_message", sa.String(length=1000), nullable=True),
        sa.Column("signers", _JSON, nullable=False),
        sa.Column("checks", _JSON, nullable=False),
        sa.Column("downloads", sa.Integer(), nullable=False),
        sa.Column("change", sa.String(length=32), nullable=False, unique=True),
    )
    op.create_table(
        "marketplace_advisory",
        sa.Column("id", sa.String(length=32), primary_key=True),
        sa.Column("plugin_code", sa.String(length=64), sa.ForeignKey("marketplace_plugin.code"), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("affected", sa.String(length=200), nullable=False),
        sa.Column("title", _JSON, nullable=False),
        sa.Column("text", _JSON, nullable=False),
        sa.Column("published_by", sa.String(length=128), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.String(length=128), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.String(length=1000), nullable=True),
    )
    with op.batch_alter_table("marketplace_advisory") as batch_op:
        batch_op.create_index(batch_op.f("ix_marketplace_advisory_plugin_code"), ["plugin_code"])
    rows = list(_standings())
    if rows:
        op.bulk_insert(standing, rows)


def downgrade() -> None:
    op.drop_table("marketplace_advisory")
    op.drop_table("marketplace_version_standing")
    op.drop_column("marketplace_plugin", "is_hidden")
    op.drop_column("marketplace_plugin", "deprecation")


def _standings() -> Iterator[dict[str, object]]:
    """Of what was published before: in the channel its number says, by the keys its package says."""
    versions = sa.table(
        "marketplace_plugin_version", sa.column("id"), sa.column("plugin_code"), sa.column("version")
    )
    archives = sa.table("marketplace_plugin_archive", sa.column("version_id"), sa.column("content"))
    connection = op.get_bind()
    for row in connection.execute(sa.select(versions).order_by(versions.c.id)).all():
        found = sa.select(archives.c.content).where(archives.c.version_id == row.id)
        yield {
            "version_id": row.id,
            "plugin_code": row.plugin_code,
            "channel": "beta" if "-" in row.version else "stable",
            "signers": _signers(connection.execute(found).scalar_one()),
            "checks": [],
            "downloads": 0,
            "change": new_id(),
        }


def _signers(archive: bytes) -> list[str]:
    if not zipfile.is_zipfile(io.BytesIO(archive)):
        return []
    with zipfile.ZipFile(io.BytesIO(archive)) as files:
        if "SIGNATURES" not in files.namelist():
            return []
        return [line.split(" ")[1] for line in files.read("SIGNATURES").decode().splitlines()]
