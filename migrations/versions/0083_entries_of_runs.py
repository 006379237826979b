"""entries of a task's history that its node runs' rows tell

Revision ID: 0083
Revises: 0082
"""

import sqlalchemy as sa
from alembic import op

revision = "0083"
down_revision = "0082"
branch_labels = None
depends_on = None

_TABLE = "orchestrator_node_run"
_INDEXES = (("ix_orchestrator_node_run_begun", "begun_entry"), ("ix_orchestrator_node_run_finished", "finished_entry"))


def upgrade() -> None:
    for index, column in _INDEXES:
        op.add_column(_TABLE, sa.Column(column, sa.Integer(), nullable=True))
        there = sa.text(f"{column} IS NOT NULL")
        op.create_index(index, _TABLE, ["task_id", column], sqlite_where=there, postgresql_where=there)


def downgrade() -> None:
    """Every entry gets a row again, and tasks under way the numbers they have come to."""
    connection = op.get_bind()
    postgres = connection.dialect.name == "postgresql"
    for entry, state, at, finished in (
        ("begun_entry", "RUNNING", "started_at", "NULL"),
        ("finished_entry", "FINISHED", "finished_at", _text("finished_at", postgres=postgres)),
    ):
        make = "jsonb_build_object" if postgres else "json_object"
        data = (
            f"{make}('node_id', node_id, 'state', '{state}', 'attempt', attempt, 'loop', loop,"
            f" 'started_at', {_text('started_at', postgres=postgres)}, 'finished_at', {finished}, 'error', NULL)"
        )
        connection.exec_driver_sql(
            "INSERT INTO orchestrator_task_event (task_id, sequence, at, kind, node_id, data)"  # noqa: S608 - constants
            f" SELECT task_id, {entry}, {at}, 'node', node_id, {data} FROM {_TABLE} WHERE {entry} IS NOT NULL"
        )
    op.execute(
        f"UPDATE orchestrator_task SET counter = coalesce((SELECT max(number) FROM {_TABLE}"  # noqa: S608 - constants
        " WHERE task_id = orchestrator_task.id), counter), sequence = coalesce((SELECT max(e.sequence)"
        " FROM orchestrator_task_event e WHERE e.task_id = orchestrator_task.id), orchestrator_task.sequence)"
        " WHERE lease_owner IS NOT NULL"
    )
    for index, column in _INDEXES:
        op.drop_index(index, table_name=_TABLE)
        op.drop_column(_TABLE, column)


def _text(column: str, *, postgres: bool) -> str:
    """A time as the history writes it."""
    if postgres:
        return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
    return f"replace({column}, ' ', 'T') || 'Z'"
