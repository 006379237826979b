"""an account has the language its person chose, and none before

Who chose nothing had English, whatever his browser asks for. Who chose English can't be told from them any more; his
browser asks for it as a rule.

Revision ID: 0091
Revises: 0090
"""

import sqlalchemy as sa
from alembic import op

revision = "0091"
down_revision = "0090"
branch_labels = None
depends_on = None

_USERS = sa.table("gateway_user", sa.column("language", sa.String))
_ENGLISH = "en"


def upgrade() -> None:
    _make(nullable=True)
    op.execute(sa.update(_USERS).where(_USERS.c.language == _ENGLISH).values(language=None))


def downgrade() -> None:
    op.execute(sa.update(_USERS).where(_USERS.c.language.is_(None)).values(language=_ENGLISH))
    _make(nullable=False)


def _make(*, nullable: bool) -> None:
    with op.batch_alter_table("gateway_user") as users:
        users.alter_column("language", existing_type=sa.String(8), nullable=nullable)
