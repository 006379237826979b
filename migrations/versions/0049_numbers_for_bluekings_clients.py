"""numbers by which clients of Standard OPS name flows, tasks and projects

Revision ID: 0049
Revises: 0048
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "orchestrator_number",
        sa.Column("number", _SERIAL, primary_key=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.UniqueConstraint("kind", "subject"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "orchestrator_sops_idempotency",
        sa.Column("caller", sa.String(length=128), primary_key=True),
        sa.Column("key", sa.String(length=255), primary_key=True),
        sa.Column("component", sa.String(length=128), nullable=False),
        sa.Column("request_digest", sa.String(length=64), nullable=False),
        sa.Column("answer", _JSON, nullable=True),
        sa.Column("owner", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index(
        "ix_orchestrator_sops_idempotency_created_at", "orchestrator_sops_idempotency", ["created_at"]
    )


def downgrade() -> None:
    op.drop_table("orchestrator_sops_idempotency")
    op.drop_table("orchestrator_number")
