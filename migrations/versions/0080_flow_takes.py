"""how many projects have taken a flow of the catalogue

Revision ID: 0080
Revises: 0079
"""

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0079"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "marketplace_flow_take",
        sa.Column("code", sa.String(length=64), sa.ForeignKey("marketplace_plugin.code"), primary_key=True),
        sa.Column("project_id", sa.String(length=32), primary_key=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.execute(
        "INSERT INTO marketplace_flow_take (code, project_id, taken_at)"
        " SELECT o.code, o.project_id, min(o.taken_at) FROM orchestrator_flow_origin o"
        " JOIN marketplace_plugin p ON p.code = o.code GROUP BY o.code, o.project_id"
    )


def downgrade() -> None:
    op.drop_table("marketplace_flow_take")
