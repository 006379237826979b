"""applications of several grants, their history, and what systems lay down about grants

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("gateway_grant") as grants:
        grants.add_column(sa.Column("application_id", sa.String(length=32), nullable=True))
        grants.add_column(sa.Column("renews", sa.String(length=32), nullable=True))
        grants.add_column(sa.Column("remind_at", sa.DateTime(timezone=True), nullable=True))
    # What was asked for before was asked for by itself.
    op.execute("UPDATE gateway_grant SET application_id = id")
    with op.batch_alter_table("gateway_grant") as grants:
        grants.alter_column("application_id", existing_type=sa.String(length=32), nullable=False)
    op.create_index("ix_gateway_grant_application_id", "gateway_grant", ["application_id"])
    op.create_index("ix_gateway_grant_state_remind_at", "gateway_grant", ["state", "remind_at"])
    op.create_table(
        "gateway_grant_event",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("application_id", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=128), nullable=False),
        sa.Column("text", sa.String(length=4000), nullable=False),
        sa.Column("components", _JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("application_id", "number"),
    )
    op.create_table(
        "gateway_grant_rules",
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("terms", _JSON, nullable=False),
        sa.Column("self_approval", sa.Boolean(), nullable=False),
        sa.Column("reminder_days", _JSON, nullable=False),
        sa.Column("updated_by", sa.String(length=128), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("system"),
    )


def downgrade() -> None:
    op.drop_table("gateway_grant_rules")
    op.drop_table("gateway_grant_event")
    op.drop_index("ix_gateway_grant_state_remind_at", "gateway_grant")
    op.drop_index("ix_gateway_grant_application_id", "gateway_grant")
    with op.batch_alter_table("gateway_grant") as grants:
        for name in ("remind_at", "renews", "application_id"):
            grants.drop_column(name)
