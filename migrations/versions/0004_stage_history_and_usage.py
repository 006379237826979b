"""Keep what each stage has served, canaries, and who called what

Revision ID: 0004
Revises: 0003
"""

import uuid

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(
    postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
)


def upgrade() -> None:
    op.create_table(
        "gateway_stage_activation",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.String(length=32), nullable=False),
        sa.Column("release", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("back_to", sa.Integer(), nullable=True),
        sa.Column("comment", sa.String(length=500), nullable=False),
        sa.Column("activated_by", sa.String(length=128), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("system", "stage", "number"),
    )
    op.create_table(
        "gateway_call_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("release", sa.String(length=32), nullable=False),
        sa.Column("component", sa.String(length=128), nullable=False),
        sa.Column("app_code", sa.String(length=64), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("errors", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "system", "stage", "release", "component", "app_code"),
    )
    op.create_index("ix_gateway_call_day_system", "gateway_call_day", ["system", "day"])
    with op.batch_alter_table("gateway_stage") as stage:
        stage.add_column(sa.Column("canary_release_id", sa.String(length=32), nullable=True))
        stage.add_column(sa.Column("canary", _JSON, nullable=True))
    with op.batch_alter_table("gateway_release") as release:
        release.add_column(sa.Column("comment", sa.String(length=500), nullable=False, server_default=""))
        release.add_column(sa.Column("forced_because", sa.String(length=500), nullable=False, server_default=""))
    _remember_what_stages_serve()


def _remember_what_stages_serve() -> None:
    """The first activation of each stage: what the next one can be rolled back to."""
    connection = op.get_bind()
    stages = connection.execute(sa.text("SELECT system, name, release_id, release, updated_at FROM gateway_stage"))
    for system, stage, release_id, release, updated_at in stages.all():
        connection.execute(
            sa.text(
                "INSERT INTO gateway_stage_activation"
                " (id, system, stage, number, release_id, release, kind, comment, activated_by, activated_at)"
                " VALUES (:id, :system, :stage, 1, :release_id, :release, 'activated', '', 'system', :at)"
            ),
            {
                "id": uuid.uuid4().hex, "system": system, "stage": stage, "release_id": release_id,
                "release": release, "at": updated_at,
            },  # fmt: skip
        )


def downgrade() -> None:
    with op.batch_alter_table("gateway_release") as release:
        release.drop_column("forced_because")
        release.drop_column("comment")
    with op.batch_alter_table("gateway_stage") as stage:
        stage.drop_column("canary")
        stage.drop_column("canary_release_id")
    op.drop_index("ix_gateway_call_day_system", "gateway_call_day")
    op.drop_table("gateway_call_day")
    op.drop_table("gateway_stage_activation")
