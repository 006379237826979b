"""imports into the inventory: their sources, their runs, and where hosts came from

Revision ID: 0035
Revises: 0034
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "adapter_cmdb_host_origin",
        sa.Column("bk_host_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.String(length=32), nullable=False),
        sa.Column("source_name", sa.String(length=256), nullable=False),
        sa.Column("external_id", sa.String(length=256), nullable=False),
        sa.Column("run_id", sa.String(length=32), nullable=False),
        sa.Column("first_seen_at", _TIME, nullable=False),
        sa.Column("last_seen_at", _TIME, nullable=False),
        sa.Column("missing_since", _TIME, nullable=True),
        sa.ForeignKeyConstraint(["bk_host_id"], ["adapter_cmdb_host.bk_host_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("bk_host_id", "source_id"),
    )
    op.create_index("ix_adapter_cmdb_host_origin_source_id", "adapter_cmdb_host_origin", ["source_id"])
    op.create_table(
        "adapter_cmdb_import_run",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("source_id", sa.String(length=32), nullable=False),
        sa.Column("source_name", sa.String(length=256), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("bk_biz_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("counts", _JSON, nullable=False),
        sa.Column("problems", _JSON, nullable=False),
        sa.Column("problem", sa.String(length=1000), nullable=False),
        sa.Column("started_by", sa.String(length=128), nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("finished_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_adapter_cmdb_import_run_source_id", "adapter_cmdb_import_run", ["source_id"])
    op.create_table(
        "adapter_cmdb_import_source",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("bk_biz_id", sa.Integer(), nullable=False),
        sa.Column("settings", _JSON, nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("every_minutes", sa.Integer(), nullable=True),
        sa.Column("vanished", sa.String(length=16), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("next_run_at", _TIME, nullable=True),
        sa.Column("lease_until", _TIME, nullable=True),
        sa.Column("run_by", sa.String(length=128), nullable=False),
        sa.Column("created_by", sa.String(length=128), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_index("ix_adapter_cmdb_import_source_next_run_at", "adapter_cmdb_import_source", ["next_run_at"])
    op.create_table(
        "adapter_cmdb_sweep_host_key",
        sa.Column("source_id", sa.String(length=32), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("public_key", sa.String(length=4000), nullable=False),
        sa.Column("fingerprint", sa.String(length=128), nullable=False),
        sa.Column("met_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["adapter_cmdb_import_source.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("source_id", "address"),
    )


def downgrade() -> None:
    op.drop_table("adapter_cmdb_sweep_host_key")
    op.drop_table("adapter_cmdb_import_source")
    op.drop_table("adapter_cmdb_import_run")
    op.drop_table("adapter_cmdb_host_origin")
