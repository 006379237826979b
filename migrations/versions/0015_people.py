"""people: platform roles, sessions, API tokens with scopes, failed sign-ins, links to set a password

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
_BINDING = "gateway_role_binding"
_KEPT = "id, username, role, resource_kind, resource_id, created_at"


def upgrade() -> None:
    _new_bindings()
    op.execute(
        f"INSERT INTO {_BINDING} ({_KEPT}, origin, given_by) "  # noqa: S608  names of our own
        "SELECT id, username, 'admin', 'platform', 'platform', created_at, 'given', '' "
        "FROM gateway_user WHERE is_admin "
        f"AND NOT EXISTS (SELECT 1 FROM {_BINDING} b WHERE b.username = gateway_user.username "
        "AND b.role = 'admin' AND b.resource_kind = 'platform')"
    )
    with op.batch_alter_table("gateway_user") as users:
        users.drop_column("is_admin")
        users.alter_column("password_hash", existing_type=sa.String(length=256), nullable=True)
        users.add_column(sa.Column("must_change_password", sa.Boolean(), nullable=False, server_default=sa.false()))
        users.add_column(sa.Column("email", sa.String(length=200), nullable=False, server_default=""))
    op.create_table(
        "gateway_password_link",
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.String(length=128), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("username"),
        sa.UniqueConstraint("token_sha256"),
    )
    op.execute("DELETE FROM gateway_session")  # whoever was signed in signs in again
    with op.batch_alter_table("gateway_session") as sessions:
        sessions.add_column(sa.Column("method", sa.String(length=64), nullable=False))
        sessions.add_column(sa.Column("agent", sa.String(length=300), nullable=False))
        sessions.add_column(sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False))
    op.create_table(
        "gateway_sign_in_failures",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_gateway_sign_in_failures_since", "gateway_sign_in_failures", ["since"])
    op.add_column("gateway_api_token", sa.Column("scopes", _JSON, nullable=True))
    op.add_column("gateway_api_token", sa.Column("project_id", sa.String(length=32), nullable=True))
    op.add_column("gateway_api_token", sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for name in ("last_used_at", "project_id", "scopes"):
        op.drop_column("gateway_api_token", name)
    op.drop_table("gateway_sign_in_failures")
    with op.batch_alter_table("gateway_session") as sessions:
        for name in ("last_seen_at", "agent", "method"):
            sessions.drop_column(name)
    op.drop_table("gateway_password_link")
    op.add_column("gateway_user", sa.Column("is_admin", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        f"UPDATE gateway_user SET is_admin = (1 = 1) WHERE username IN "  # noqa: S608  names of our own
        f"(SELECT username FROM {_BINDING} WHERE role = 'admin' AND resource_kind = 'platform')"
    )
    op.execute("UPDATE gateway_user SET password_hash = '' WHERE password_hash IS NULL")
    with op.batch_alter_table("gateway_user") as users:
        users.drop_column("email")
        users.drop_column("must_change_password")
        users.alter_column("password_hash", existing_type=sa.String(length=256), nullable=False)
    _old_bindings()


def _new_bindings() -> None:
    """Made anew, since its unique constraint has no name by which it could be replaced."""
    op.drop_index("ix_gateway_role_binding_username", table_name=_BINDING)
    op.rename_table(_BINDING, f"{_BINDING}_old")
    op.create_table(
        _BINDING,
        *_columns(),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("given_by", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gateway_role_binding"),
        sa.UniqueConstraint("resource_kind", "resource_id", "username", "role", "origin", name="uq_gateway_role_binding"),
    )
    op.execute(
        f"INSERT INTO {_BINDING} ({_KEPT}, origin, given_by) "  # noqa: S608  names of our own
        f"SELECT {_KEPT}, 'given', '' FROM {_BINDING}_old"
    )
    op.drop_table(f"{_BINDING}_old")
    op.create_index("ix_gateway_role_binding_username", _BINDING, ["username"])


def _old_bindings() -> None:
    op.drop_index("ix_gateway_role_binding_username", table_name=_BINDING)
    op.rename_table(_BINDING, f"{_BINDING}_new")
    op.create_table(
        _BINDING,
        *_columns(),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("resource_kind", "resource_id", "username", "role"),
    )
    op.execute(
        f"INSERT INTO {_BINDING} ({_KEPT}) SELECT {_KEPT} FROM {_BINDING}_new "  # noqa: S608  names of our own
        "WHERE origin = 'given'"
    )
    op.drop_table(f"{_BINDING}_new")
    op.create_index("ix_gateway_role_binding_username", _BINDING, ["username"])


def _columns() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("resource_kind", sa.String(length=16), nullable=False),
        sa.Column("resource_id", sa.String(length=128), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
