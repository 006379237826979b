"""flows as apps with an address of their own

Revision ID: 0062
Revises: 0061
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "orchestrator_mini_app",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("project_id", sa.String(length=32), nullable=False),
        sa.Column("flow_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("icon", sa.String(length=16), nullable=False),
        sa.Column("colour", sa.String(length=7), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=True),
        sa.Column("fixed", JSON, nullable=False),
        sa.Column("leave_out", JSON, nullable=False),
        sa.Column("open_to_all", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_by", sa.String(length=128), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    for column in ("flow_id", "project_id"):
        op.create_index(f"ix_orchestrator_mini_app_{column}", "orchestrator_mini_app", [column])


def downgrade() -> None:
    op.drop_table("orchestrator_mini_app")
