"""labels of flows, and favourites

Revision ID: 0068
Revises: 0067
"""

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "orchestrator_label",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("colour", sa.String(length=7), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("project_id", "name"),
    )
    op.create_table(
        "orchestrator_flow_label",
        sa.Column("flow_id", sa.String(length=32), nullable=False),
        sa.Column("label_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["flow_id"], ["orchestrator_flow.id"]),
        sa.ForeignKeyConstraint(["label_id"], ["orchestrator_label.id"]),
        sa.PrimaryKeyConstraint("flow_id", "label_id"),
    )
    op.create_index("ix_orchestrator_flow_label_label_id", "orchestrator_flow_label", ["label_id"])
    op.create_table(
        "orchestrator_favourite",
        sa.Column("username", sa.String(length=128), nullable=False),
        sa.Column("flow_id", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["flow_id"], ["orchestrator_flow.id"]),
        sa.PrimaryKeyConstraint("username", "flow_id"),
    )


def downgrade() -> None:
    for table in ("orchestrator_favourite", "orchestrator_flow_label", "orchestrator_label"):
        op.drop_table(table)
