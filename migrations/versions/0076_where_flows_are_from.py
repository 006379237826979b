"""flows that were taken from the catalogue

Revision ID: 0076
Revises: 0075
"""

import sqlalchemy as sa
from alembic import op

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "orchestrator_flow_origin",
        sa.Column("flow_id", sa.String(length=32), nullable=False),
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=71), nullable=False),
        sa.Column("part", sa.String(length=64), nullable=False),
        sa.Column("definition", sa.String(length=64), nullable=False),
        sa.Column("taken_by", sa.String(length=128), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["flow_id"], ["orchestrator_flow.id"]),
        sa.PrimaryKeyConstraint("flow_id"),
    )
    op.create_index("ix_orchestrator_flow_origin_project_id", "orchestrator_flow_origin", ["project_id"])


def downgrade() -> None:
    op.drop_index("ix_orchestrator_flow_origin_project_id", table_name="orchestrator_flow_origin")
    op.drop_table("orchestrator_flow_origin")
