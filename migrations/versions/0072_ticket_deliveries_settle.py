"""messages to ticket systems are kept as those of other webhooks are: settled, they have no next attempt

Revision ID: 0072
Revises: 0071
"""

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None

_TABLE = "gateway_ticket_delivery"


def upgrade() -> None:
    op.drop_index("ix_gateway_ticket_delivery_due", table_name=_TABLE)
    with op.batch_alter_table(_TABLE) as delivery:
        delivery.alter_column("next_attempt_at", existing_type=sa.DateTime(timezone=True), nullable=True)
    op.execute(f"UPDATE {_TABLE} SET next_attempt_at = NULL WHERE state <> 'waiting'")  # noqa: S608  a name of ours
    op.create_index("ix_gateway_ticket_delivery_next_attempt_at", _TABLE, ["next_attempt_at"])


def downgrade() -> None:
    op.drop_index("ix_gateway_ticket_delivery_next_attempt_at", table_name=_TABLE)
    op.execute(f"UPDATE {_TABLE} SET next_attempt_at = created_at WHERE next_attempt_at IS NULL")  # noqa: S608  as above
    with op.batch_alter_table(_TABLE) as delivery:
        delivery.alter_column("next_attempt_at", existing_type=sa.DateTime(timezone=True), nullable=False)
    op.create_index("ix_gateway_ticket_delivery_due", _TABLE, ["state", "next_attempt_at"])
