"""what started a task

Revision ID: 0060
Revises: 0059
"""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

_STARTERS = (
    ("schedule", "orchestrator_schedule_run", "schedule_id"),
    ("trigger", "orchestrator_trigger_run", "trigger_id"),
)


def upgrade() -> None:
    for name, size in (("origin", 16), ("origin_id", 32), ("origin_name", 200)):
        default = "manual" if name == "origin" else ""
        op.add_column("orchestrator_task", sa.Column(name, sa.String(length=size), nullable=False, server_default=default))
    for kind, runs, column in _STARTERS:
        # A task of a schedule or trigger was named after it.
        op.execute(
            f"""UPDATE orchestrator_task SET origin = '{kind}', origin_name = name,
              origin_id = (SELECT max(r.{column}) FROM {runs} r WHERE r.task_id = orchestrator_task.id)
              WHERE id IN (SELECT r.task_id FROM {runs} r WHERE r.task_id IS NOT NULL)"""  # noqa: S608  names of this file
        )
    op.create_index(
        "ix_orchestrator_task_origin",
        "orchestrator_task",
        ["origin_id", "id"],
        sqlite_where=sa.text("origin_id <> ''"),
        postgresql_where=sa.text("origin_id <> ''"),
    )


def downgrade() -> None:
    op.drop_index("ix_orchestrator_task_origin", table_name="orchestrator_task")
    for name in ("origin_name", "origin_id", "origin"):
        op.drop_column("orchestrator_task", name)
