"""versions of schedules, triggers and mini-apps: of two who change one neither undoes the other's change unseen

Revision ID: 0085
Revises: 0084
"""

import sqlalchemy as sa
from alembic import op

revision = "0085"
down_revision = "0084"
branch_labels = None
depends_on = None

_TABLES = {
    "orchestrator_schedule": "owner",
    "orchestrator_trigger": "owner",
    "orchestrator_mini_app": "created_by",
}
"""Each with who changed it last, as far as that is known."""


def upgrade() -> None:
    for table, person in _TABLES.items():
        op.add_column(table, sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        op.add_column(table, sa.Column("updated_by", sa.String(length=128), nullable=False, server_default=""))
        op.execute(f"UPDATE {table} SET updated_by = {person}")  # noqa: S608  names of our own


def downgrade() -> None:
    for table in _TABLES:
        op.drop_column(table, "updated_by")
        op.drop_column(table, "version")
