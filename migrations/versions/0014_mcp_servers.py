"""MCP servers of systems and of projects, with the tools chosen for each

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
_TABLE = "gateway_mcp_server"

_BEFORE = (
    ("id", sa.String(length=32)),
    ("system", sa.String(length=32)),
    ("stage", sa.String(length=20)),
    ("name", sa.String(length=64)),
    ("components", _JSON),
    ("settings", _JSON),
    ("updated_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    """What definitions asked for becomes a server of the name it will be called by."""
    before = sa.table(_TABLE, *(sa.column(name, kind) for name, kind in _BEFORE))
    kept = list(op.get_bind().execute(sa.select(before)).mappings())
    op.drop_table(_TABLE)
    made = op.create_table(
        _TABLE,
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(length=4000), nullable=False),
        sa.Column("system", sa.String(length=32), nullable=True),
        sa.Column("project_id", sa.String(length=32), nullable=True),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("raw_response", sa.Boolean(), nullable=False),
        sa.Column("tools", _JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.String(length=128), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_index("ix_gateway_mcp_server_system", _TABLE, ["system"])
    op.create_index("ix_gateway_mcp_server_project_id", _TABLE, ["project_id"])
    if kept:
        op.bulk_insert(made, [_server(row) for row in kept])


def downgrade() -> None:
    op.drop_table(_TABLE)
    op.create_table(
        _TABLE,
        *(sa.Column(name, kind, nullable=False) for name, kind in _BEFORE),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("system", "stage", "name"),
    )


def _server(row: sa.RowMapping) -> dict[str, object]:
    settings = row["settings"]
    return {
        "id": row["id"],
        "name": f"{row['system']}-{row['stage']}-{row['name']}",
        "title": str(settings.get("title") or "")[:200],
        "description": str(settings.get("description") or "")[:4000],
        "system": row["system"],
        "project_id": None,
        "stage": row["stage"],
        "enabled": settings.get("status", 1) == 1,
        "raw_response": bool(settings.get("raw_response_enabled")),
        "tools": [
            {"kind": "component", "target": f"{row['system']}.{name}", "name": name} for name in row["components"]
        ],
        "created_at": row["updated_at"],
        "updated_by": "migration",
        "updated_at": row["updated_at"],
    }
