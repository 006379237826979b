"""custom attributes of the inventory's objects

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
_TIME = sa.DateTime(timezone=True)
_OBJECTS = ("business", "set", "module", "host")


def upgrade() -> None:
    op.create_table(
        "adapter_cmdb_attribute",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bk_obj_id", sa.String(length=16), nullable=False),
        sa.Column("bk_property_id", sa.String(length=64), nullable=False),
        sa.Column("bk_property_name", sa.String(length=256), nullable=False),
        sa.Column("bk_property_type", sa.String(length=16), nullable=False),
        sa.Column("bk_property_group", sa.String(length=64), nullable=False),
        sa.Column("isrequired", sa.Boolean(), nullable=False),
        sa.Column("option", _JSON, nullable=True),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("placeholder", sa.String(length=2000), nullable=False),
        sa.Column("create_time", _TIME, nullable=False),
        sa.Column("last_time", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("bk_obj_id", "bk_property_id"),
        sqlite_autoincrement=True,
    )
    for name in _OBJECTS:
        op.add_column(f"adapter_cmdb_{name}", sa.Column("custom", _JSON, nullable=False, server_default="{}"))


def downgrade() -> None:
    for name in _OBJECTS:
        op.drop_column(f"adapter_cmdb_{name}", "custom")
    op.drop_table("adapter_cmdb_attribute")
