"""a catalogue that is searched, and published into, without reading what nobody asks for

Revision ID: 0079
Revises: 0078
"""

import sqlalchemy as sa
from alembic import op

revision = "0079"
down_revision = "0078"
branch_labels = None
depends_on = None

_TERMS, _FACETS = "marketplace_search_term", "marketplace_facet"
_TERM = sa.String(length=64).with_variant(sa.String(length=64, collation="C"), "postgresql")


def upgrade() -> None:
    op.add_column("marketplace_plugin_version", sa.Column("promises", sa.Text(), nullable=True))
    op.add_column("marketplace_plugin", sa.Column("kind", sa.String(length=16), nullable=False, server_default=""))
    op.execute(
        "UPDATE marketplace_plugin SET kind = coalesce((SELECT max(value) FROM marketplace_facet"
        " WHERE facet = 'kind' AND plugin_code = code), '')"
    )
    op.create_index("ix_marketplace_plugin_requires", "marketplace_plugin", ["requires"])
    _replace("id", sa.String(length=32))


def downgrade() -> None:
    _replace("code", sa.String(length=64))
    op.drop_index("ix_marketplace_plugin_requires", "marketplace_plugin")
    op.drop_column("marketplace_plugin", "kind")
    op.drop_column("marketplace_plugin_version", "promises")


def _replace(name: str, kind: sa.String) -> None:
    """Makes the tables anew, in which plugins are named by that column of theirs, with what they held."""
    before = "code" if name == "id" else "id"
    columns = {_TERMS: "term, weight", _FACETS: "facet, value"}
    for table, others in columns.items():
        op.execute(
            f"CREATE TABLE {table}_kept AS SELECT {others}, p.{name} AS plugin_{name} FROM {table}"
            f" JOIN marketplace_plugin p ON p.{before} = plugin_{before}"
        )
        op.drop_table(table)

    def plugin() -> sa.Column[str]:
        return sa.Column(f"plugin_{name}", kind, sa.ForeignKey(f"marketplace_plugin.{name}"), primary_key=True)

    op.create_table(
        _TERMS,
        sa.Column("term", _TERM, primary_key=True),
        plugin(),
        sa.Column("weight", sa.Integer(), nullable=False),
        sqlite_with_rowid=name != "id",
    )
    op.create_table(
        _FACETS,
        sa.Column("facet", sa.String(length=16), primary_key=True),
        sa.Column("value", sa.String(length=128), primary_key=True),
        plugin(),
        sqlite_with_rowid=name != "id",
    )
    for table, others in columns.items():
        op.execute(
            f"INSERT INTO {table} ({others}, plugin_{name}) SELECT {others}, plugin_{name} FROM {table}_kept"
        )
        op.drop_table(f"{table}_kept")
        op.create_index(f"ix_{table}_plugin_{name}", table, [f"plugin_{name}"])
