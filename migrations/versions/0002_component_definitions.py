"""components with mapping, mock answer, policies, texts; drafts of them

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
_OLD = ("name", "method", "path", "title", "description", "scopes", "is_read", "parameters", "body_schema", "response_schema")


def _added() -> list[sa.Column]:
    """Made anew for each table; the defaults are for the rows that are there already."""
    return [
        sa.Column("match_subpath", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("enable_websocket", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("upstream", sa.String(length=32), nullable=False, server_default="default"),
        sa.Column("upstream_method", sa.String(length=8), nullable=True),
        sa.Column("upstream_path", sa.String(length=1000), nullable=True),
        sa.Column("mapping", _JSON, nullable=False, server_default="[]"),
        sa.Column("timeout", sa.Float(), nullable=True),
        sa.Column("mock", _JSON, nullable=True),
        sa.Column("policies", _JSON, nullable=False, server_default="[]"),
        sa.Column("app_required", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("user_required", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("grant_required", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("is_public", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("allow_apply", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("labels", _JSON, nullable=False, server_default="[]"),
        sa.Column("texts", _JSON, nullable=False, server_default="{}"),
        sa.Column("samples", _JSON, nullable=False, server_default="[]"),
    ]


def upgrade() -> None:
    for column in _added():
        op.add_column("gateway_release_component", column)
    op.create_table(
        "gateway_draft_component",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("updated_by", sa.String(length=128), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("method", sa.String(length=8), nullable=False),
        sa.Column("path", sa.String(length=1000), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(length=10000), nullable=False),
        sa.Column("scopes", _JSON, nullable=False),
        sa.Column("is_read", sa.Boolean(), nullable=False),
        sa.Column("parameters", _JSON, nullable=False),
        sa.Column("body_schema", _JSON, nullable=True),
        sa.Column("response_schema", _JSON, nullable=True),
        *_added(),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("system", "name"),
    )
    # A system's draft begins as its newest release.
    old = ", ".join(_OLD)
    op.execute(
        f"INSERT INTO gateway_draft_component (id, system, updated_by, updated_at, {old}) "
        f"SELECT c.id, r.system, r.created_by, r.created_at, {', '.join(f'c.{name}' for name in _OLD)} "
        "FROM gateway_release_component c JOIN gateway_release r ON r.id = c.release_id "
        "WHERE r.number = (SELECT MAX(n.number) FROM gateway_release n WHERE n.system = r.system)"
    )


def downgrade() -> None:
    op.drop_table("gateway_draft_component")
    with op.batch_alter_table("gateway_release_component", schema=None) as batch_op:
        for column in reversed(_added()):
            batch_op.drop_column(column.name)
