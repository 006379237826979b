"""requests for tasks keep when they were claimed

It was reckoned from when the claim runs out, which is gone once the task is started.

Revision ID: 0089
Revises: 0088
"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

from kernel.db.types import UtcDateTime

revision = "0089"
down_revision = "0088"
branch_labels = None
depends_on = None

_TABLE = "orchestrator_task_request"
_CLAIMED_FOR = timedelta(hours=8)


def upgrade() -> None:
    op.add_column(_TABLE, sa.Column("claimed_at", UtcDateTime(), nullable=True))
    requests = sa.table(
        _TABLE,
        sa.column("id", sa.String()),
        sa.column("claimed_at", UtcDateTime()),
        sa.column("claimed_until", UtcDateTime()),
    )
    held = sa.select(requests.c.id, requests.c.claimed_until).where(requests.c.claimed_until.is_not(None))
    for request, until in op.get_bind().execute(held).all():
        op.execute(requests.update().where(requests.c.id == request).values(claimed_at=until - _CLAIMED_FOR))


def downgrade() -> None:
    op.drop_column(_TABLE, "claimed_at")
