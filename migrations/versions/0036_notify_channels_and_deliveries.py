"""channels that administrators set, and deliveries that go on by themselves

Revision ID: 0036
Revises: 0035
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

def _of_messages() -> tuple[sa.Column[Any], ...]:
    return (
    sa.Column("importance", sa.String(length=16), nullable=False, server_default="normal"),
    sa.Column("topic", sa.String(length=64), nullable=False, server_default=""),
    sa.Column("content_sealed", sa.Text(), nullable=False, server_default=""),
    sa.Column("owner", sa.String(length=255), nullable=False, server_default=""),
    sa.Column("owned_until", sa.DateTime(timezone=True), nullable=True),
)
def _of_deliveries() -> tuple[sa.Column[Any], ...]:
    return (
    sa.Column("position", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("is_copy", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("tries_left", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("digest", sa.String(length=64), nullable=False, server_default=""),
    sa.Column("repeats", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("same_as", sa.String(length=32), nullable=False, server_default=""),
    sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
)


def upgrade() -> None:
    for column in _of_messages():
        op.add_column("adapter_notify_message", column)
    for column in _of_deliveries():
        op.add_column("adapter_notify_delivery", column)
    op.create_index("ix_adapter_notify_delivery_next_at", "adapter_notify_delivery", ["next_at"])
    op.create_index("ix_adapter_notify_delivery_receiver", "adapter_notify_delivery", ["receiver"])
    # Their content was never kept, so nobody could go on with them.
    op.execute(
        "UPDATE adapter_notify_delivery SET state = 'failed', error = 'the server was upgraded before it was sent'"
        " WHERE state = 'sending'"
    )
    op.execute(
        "UPDATE adapter_notify_delivery SET state = 'unknown', error = 'the server was upgraded while it was sent'"
        " WHERE state = 'handing_over'"
    )
    op.create_table(
        "adapter_notify_channel",
        sa.Column("msg_type", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=False),
        sa.Column("label_zh", sa.String(length=64), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("mail", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("secret_sealed", sa.Text(), nullable=False),
        sa.Column("shown", sa.String(length=256), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("per_receiver_per_hour", sa.Integer(), nullable=False),
        sa.Column("repeat_minutes", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("updated_by", sa.String(length=128), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("msg_type"),
    )
    op.create_table(
        "adapter_notify_attempt",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("delivery_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.String(length=1000), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["adapter_notify_delivery.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_adapter_notify_attempt_delivery_id", "adapter_notify_attempt", ["delivery_id"])
    op.create_table(
        "adapter_notify_recent",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("delivery_id", sa.String(length=32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_adapter_notify_recent_expires_at", "adapter_notify_recent", ["expires_at"])
    op.create_table(
        "adapter_notify_pace",
        sa.Column("key", sa.String(length=400), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index("ix_adapter_notify_pace_due_at", "adapter_notify_pace", ["due_at"])


def downgrade() -> None:
    for table in ("pace", "recent", "attempt", "channel"):
        op.drop_table(f"adapter_notify_{table}")
    op.drop_index("ix_adapter_notify_delivery_receiver", "adapter_notify_delivery")
    op.drop_index("ix_adapter_notify_delivery_next_at", "adapter_notify_delivery")
    for column in _of_deliveries():
        op.drop_column("adapter_notify_delivery", column.name)
    for column in _of_messages():
        op.drop_column("adapter_notify_message", column.name)
