"""cloud areas of the inventory

Revision ID: 0025
Revises: 0024
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    areas = op.create_table(
        "adapter_cmdb_cloud_area",
        sa.Column("bk_cloud_id", sa.Integer(), nullable=False),
        sa.Column("bk_cloud_name", sa.String(length=256), nullable=False),
        sa.Column("bk_supplier_account", sa.String(length=64), nullable=False),
        sa.Column("create_time", _TIME, nullable=False),
        sa.Column("last_time", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("bk_cloud_id"),
        sa.UniqueConstraint("bk_cloud_name"),
    )
    connection = op.get_bind()
    named = connection.execute(sa.text("SELECT DISTINCT bk_cloud_id FROM adapter_cmdb_host")).scalars()
    now = datetime.now(UTC)
    op.bulk_insert(
        areas,
        [
            {
                "bk_cloud_id": area,
                "bk_cloud_name": f"area {area}" if area else "default area",
                "bk_supplier_account": "0",
                "create_time": now,
                "last_time": now,
            }
            for area in sorted({0, *named})
        ],
    )
    if connection.dialect.name == "postgresql":
        op.execute(
            "SELECT setval(pg_get_serial_sequence('adapter_cmdb_cloud_area', 'bk_cloud_id'),"
            " (SELECT max(bk_cloud_id) + 1 FROM adapter_cmdb_cloud_area), false)"
        )


def downgrade() -> None:
    op.drop_table("adapter_cmdb_cloud_area")
