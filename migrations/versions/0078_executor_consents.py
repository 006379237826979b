"""who lets nodes call in their name, who is named, and in whose name calls were made

Revision ID: 0078
Revises: 0077
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "orchestrator_executor_consent",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("username", sa.String(length=128), nullable=False),
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("flow_id", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("scopes", JSON, nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("username", "project_id", "flow_id"),
    )
    op.create_table(
        "orchestrator_executor_request",
        sa.Column("flow_id", sa.String(length=32), nullable=False),
        sa.Column("place_id", sa.String(length=32), nullable=False),
        sa.Column("username", sa.String(length=128), nullable=False),
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("asked_by", sa.String(length=128), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["flow_id"], ["orchestrator_flow.id"]),
        sa.ForeignKeyConstraint(["place_id"], ["orchestrator_flow.id"]),
        sa.PrimaryKeyConstraint("flow_id", "place_id", "username"),
    )
    op.create_index("ix_orchestrator_executor_request_username", "orchestrator_executor_request", ["username"])
    op.create_table(
        "orchestrator_project_executor",
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("username", sa.String(length=128), nullable=False),
        sa.Column("set_by", sa.String(length=128), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("project_id"),
    )
    op.create_index("ix_orchestrator_project_executor_username", "orchestrator_project_executor", ["username"])
    op.add_column(
        "orchestrator_node_call", sa.Column("executor", sa.String(length=128), nullable=False, server_default="")
    )


def downgrade() -> None:
    op.drop_column("orchestrator_node_call", "executor")
    op.drop_table("orchestrator_project_executor")
    op.drop_table("orchestrator_executor_request")
    op.drop_table("orchestrator_executor_consent")
