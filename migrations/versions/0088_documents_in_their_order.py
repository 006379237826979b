"""documents of flows keep the order of their members on PostgreSQL, as SQLite keeps it

JSONB orders the members of an object by their lengths: constants stood in another order than they were written in.

Revision ID: 0088
Revises: 0087
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0088"
down_revision = "0087"
branch_labels = None
depends_on = None

_DOCUMENTS = (
    ("orchestrator_flow", "draft"),
    ("orchestrator_flow_revision", "definition"),
    ("orchestrator_definition", "document"),
)


def upgrade() -> None:
    _turn_into(sa.JSON(none_as_null=True), "json")


def downgrade() -> None:
    _turn_into(postgresql.JSONB(none_as_null=True), "jsonb")


def _turn_into(kind: sa.types.TypeEngine[object], name: str) -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, column in _DOCUMENTS:
        op.alter_column(table, column, type_=kind, existing_nullable=False, postgresql_using=f"{column}::{name}")
