"""dynamic groups of the inventory

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "adapter_cmdb_dynamic_group",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("bk_biz_id", sa.Integer(), nullable=False),
        sa.Column("bk_obj_id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("condition", _JSON, nullable=False),
        sa.Column("create_user", sa.String(length=128), nullable=False),
        sa.Column("modify_user", sa.String(length=128), nullable=False),
        sa.Column("create_time", _TIME, nullable=False),
        sa.Column("last_time", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["bk_biz_id"], ["adapter_cmdb_business.bk_biz_id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("bk_biz_id", "name"),
    )


def downgrade() -> None:
    op.drop_table("adapter_cmdb_dynamic_group")
