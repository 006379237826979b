"""The store on SQLite: one connection, used by one thread of its own, plain statements."""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, TypeVar

from orchestrator.runtime import rows
from orchestrator.runtime.codec import restore
from orchestrator.runtime.store import NOBODY, Claimed, Found, Message, StoreBusy, TaskWrite, WorkerRow

Answer = TypeVar("Answer")
_BUSY_SECONDS = 15.0
_TIME_CHARACTERS = 26

_TASK = f"""UPDATE orchestrator_task SET {", ".join(f"{name} = ?" for name in rows.TASK_COLUMNS)},
  lease_owner = CASE WHEN ? THEN NULL ELSE lease_owner END WHERE id = ? AND fence = ?"""  # noqa: S608 - column names
_RUN_VALUES = ", ".join("?" * len(rows.RUN_COLUMNS))
_RUN = f"""INSERT INTO orchestrator_node_run ({", ".join(rows.RUN_COLUMNS)}) {{values}}
  ON CONFLICT (id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in rows.RUN_CHANGING)},
  {", ".join(f"{name} = coalesce(excluded.{name}, {name})" for name in rows.RUN_STAYING)}"""
_ANY_RUN = _RUN.format(values=f"VALUES ({_RUN_VALUES})")
_OWN_RUN = _RUN.format(
    values=f"SELECT {_RUN_VALUES} WHERE EXISTS (SELECT 1 FROM orchestrator_task WHERE id = ? AND fence = ?)"  # noqa: S608
)
_EVENT = f"""INSERT INTO orchestrator_task_event ({", ".join(rows.EVENT_COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT DO NOTHING"""  # noqa: S608 - column names
_CALL = f"INSERT INTO orchestrator_node_call ({', '.join(rows.CALL_COLUMNS)}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - column names
_LOG = f"INSERT INTO orchestrator_node_log ({', '.join(rows.LOG_COLUMNS)}) VALUES (?, ?, ?, ?)"  # noqa: S608 - column names
_CANCEL = f"""INSERT INTO orchestrator_node_cancellation AS c ({", ".join(rows.CANCELLATION_COLUMNS)})
  VALUES ({", ".join("?" * len(rows.CANCELLATION_COLUMNS))}) ON CONFLICT (run_id) DO UPDATE
  SET state = excluded.state, due_at = excluded.due_at, storage = excluded.storage,
    attempts = excluded.attempts, reason = excluded.reason
  WHERE c.state IN ('waiting', 'not_reached')"""  # noqa: S608 - column names
_SETTLE = """UPDATE orchestrator_task_message SET settled_at = ?3, reason = ?4
  WHERE id = ?1 AND task_id = ?2 AND settled_at IS NULL"""
_ALIVE = "SELECT id FROM orchestrator_worker WHERE alive_until > :now"
_CLAIM = f"""UPDATE orchestrator_task SET lease_owner = :worker, fence = fence + 1
  WHERE id = :id AND (lease_owner IS NULL OR lease_owner = :worker OR lease_owner NOT IN ({_ALIVE}))
  RETURNING fence, state, progress, counter, sequence, started_at, finished_at, definition_id, project_id, project_code,
    name, created_by, inputs, scopes, start_at"""  # noqa: S608 - constant
_RUNS = f"SELECT {', '.join(rows.RUN_COLUMNS)} FROM orchestrator_node_run WHERE task_id = ? ORDER BY number"  # noqa: S608 - column names
_MESSAGES = """SELECT id, task_id, kind, node_id, run_id, data, actor FROM orchestrator_task_message
  INDEXED BY ix_orchestrator_task_message_open WHERE task_id = ? AND settled_at IS NULL ORDER BY created_at, id"""
_SWEEP = (
    """SELECT id FROM orchestrator_task WHERE state = 'CREATED' AND start_at <= :now
         AND (lease_owner IS NULL OR lease_owner NOT IN ({alive})) LIMIT :limit""",
    """SELECT id FROM orchestrator_task WHERE lease_owner IS NOT NULL AND lease_owner NOT IN ({alive}) LIMIT :limit""",
    """SELECT DISTINCT t.id FROM orchestrator_task_message m JOIN orchestrator_task t ON t.id = m.task_id
         WHERE m.settled_at IS NULL
           AND (t.lease_owner IS NULL OR t.lease_owner = :worker OR t.lease_owner NOT IN ({alive})) LIMIT :limit""",
)
# Without statistics SQLite would rather walk through every node run there ever was than sort the few that are due, and
# would read all messages a task ever got for those that are open.
_TIMERS = """SELECT r.task_id, min(r.due_at) FROM orchestrator_node_run r INDEXED BY ix_orchestrator_node_run_due
  JOIN orchestrator_task t ON t.id = r.task_id
  WHERE r.due_at <= ? AND t.lease_owner IS NULL GROUP BY r.task_id ORDER BY 2 LIMIT ?"""


class SqliteStore:
    """See `Store`. The connection is made in its own thread and never leaves it."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="orchestrator-store")
        self._connection: sqlite3.Connection | None = None

    async def open(self) -> None:
        await self._run(self._open)

    async def close(self) -> None:
        await self._run(self._close)
        self._thread.shutdown()

    async def commit(self, writes: Sequence[TaskWrite], now: datetime) -> frozenset[str]:
        return await self._run(lambda: self._commit(writes, now))

    async def claim(
        self, worker: str, tasks: Sequence[str], known: Mapping[str, int], now: datetime
    ) -> Sequence[Claimed]:
        return await self._run(lambda: self._claim(worker, tasks, known, now))

    async def disown(self, worker: str, task: str) -> None:
        statement = "UPDATE orchestrator_task SET lease_owner = ? WHERE id = ? AND lease_owner = ?"
        await self._run(lambda: self._write(statement, (NOBODY, task, worker)))

    async def messages(self, tasks: Sequence[str]) -> Sequence[Message]:
        return await self._run(lambda: [message for task in tasks for message in self._messages(task)])

    async def definition(self, definition_id: str) -> Mapping[str, Any] | None:
        def read() -> Mapping[str, Any] | None:
            found = self._all("SELECT document FROM orchestrator_definition WHERE id = ?", (definition_id,))
            document: Mapping[str, Any] | None = _json(found[0][0]) if found else None
            return document

        return await self._run(read)

    async def sweep(self, worker: str, now: datetime, until: datetime, limit: int) -> Found:
        return await self._run(lambda: self._sweep(worker, now, until, limit))

    async def owned(self, worker: str) -> Sequence[str]:
        query = "SELECT id FROM orchestrator_task WHERE lease_owner = ?"
        return await self._run(lambda: [row[0] for row in self._all(query, (worker,))])

    async def beat(self, worker: WorkerRow, now: datetime) -> None:
        values = (worker.id, worker.host, worker.lock_file, _time(now), _time(worker.alive_until))
        await self._run(
            lambda: self._write(
                """INSERT INTO orchestrator_worker (id, host, lock_file, started_at, alive_until)
                   VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET alive_until = excluded.alive_until""",
                values,
            )
        )

    async def workers(self) -> Sequence[WorkerRow]:
        def read() -> Sequence[WorkerRow]:
            found = self._all("SELECT id, host, lock_file, alive_until FROM orchestrator_worker", ())
            return [
                WorkerRow(name, host, lock, datetime.fromisoformat(until).replace(tzinfo=UTC))
                for name, host, lock, until in found
            ]

        return await self._run(read)

    async def forget_worker(self, worker: str) -> None:
        # The tasks keep their owner's name: that it is nobody's is how the sweep finds them.
        await self._run(lambda: self._write("DELETE FROM orchestrator_worker WHERE id = ?", (worker,)))

    async def _run(self, work: Callable[[], Answer]) -> Answer:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except sqlite3.OperationalError as error:
            raise StoreBusy(str(error)) from error

    def _open(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=_BUSY_SECONDS, cached_statements=64)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        self._connection = connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @property
    def _open_connection(self) -> sqlite3.Connection:
        if self._connection is None:
            raise StoreBusy("the store is not open")
        return self._connection

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._open_connection)

    def _all(self, statement: str, values: Any) -> list[Any]:
        return self._open_connection.execute(statement, values).fetchall()

    def _write(self, statement: str, values: tuple[Any, ...]) -> None:
        with self._transaction() as connection:
            connection.execute(statement, values)

    def _commit(self, writes: Sequence[TaskWrite], now: datetime) -> frozenset[str]:
        made = [rows.task_rows(write) for write in writes]
        with self._transaction() as connection:
            owned = [each for each in made if self._write_own(connection, each)]
            kept = [each.write for each in owned]
            for statement, written in (
                (_ANY_RUN, [row for each in owned if not each.alone for row in each.runs]),
                (_EVENT, [row for each in owned for row in each.events]),
                (_CALL, [row for write in kept for row in rows.call_rows(write)]),
                (_LOG, [row for write in kept for row in rows.log_rows(write)]),
                (_CANCEL, [row for write in kept for row in rows.cancellation_rows(write)]),
                (_SETTLE, list(rows.settled_rows(kept, now))),
            ):
                if written:
                    _many(connection, statement, written)
        return frozenset(write.state.task_id for write in kept)

    @staticmethod
    def _write_own(connection: sqlite3.Connection, made: rows.TaskRows) -> bool:
        """Writes what shows whether the task is still the writer's: its row, or where that stays, its node runs."""
        write = made.write
        fenced = (write.state.task_id, write.fence)
        if made.alone:
            return connection.executemany(_OWN_RUN, [(*_plain(row), *fenced) for row in made.runs]).rowcount > 0
        values = (*_plain(rows.task_row(write)), write.release, *fenced)
        return connection.execute(_TASK, values).rowcount == 1

    def _claim(self, worker: str, tasks: Sequence[str], known: Mapping[str, int], now: datetime) -> list[Claimed]:
        claimed = []
        with self._transaction() as connection:
            for task in tasks:
                given = {"worker": worker, "id": task, "now": _time(now)}
                found = connection.execute(_CLAIM, given).fetchone()
                if found is not None:
                    claimed.append(self._read_claim(task, found, known.get(task)))
        return claimed

    def _read_claim(self, task: str, found: tuple[Any, ...], known: int | None) -> Claimed:
        (
            fence,
            status,
            progress,
            counter,
            sequence,
            started,
            finished,
            definition,
            project,
            code,
            name,
            by,
            inputs,
            scopes,
            start_at,
        ) = found
        state = None
        if known is None or known + 1 != fence:
            runs = self._all(_RUNS, (task,)) if counter else []
            counter, sequence = rows.counted(counter, sequence, runs)
            state = restore(
                task,
                status=status,
                progress=_json(progress),
                counter=counter,
                sequence=sequence,
                started=_seconds(started),
                finished=_seconds(finished),
                runs=[_read_run(row) for row in runs],
            )
        return Claimed(
            task,
            fence,
            state,
            definition,
            project,
            code,
            name,
            by,
            _json(inputs) or {},
            frozenset(_json(scopes) or ()),
            _seconds(start_at),
            self._messages(task),
        )

    def _messages(self, task: str) -> list[Message]:
        return [
            Message(name, task_id, kind, node, run, _json(data), actor)
            for name, task_id, kind, node, run, data, actor in self._all(_MESSAGES, (task,))
        ]

    def _sweep(self, worker: str, now: datetime, until: datetime, limit: int) -> Found:
        given = {"worker": worker, "now": _time(now), "limit": limit}
        work = dict.fromkeys(row[0] for query in _SWEEP for row in self._all(query.format(alive=_ALIVE), given))
        timers = [(task, _seconds(due) or 0.0) for task, due in self._all(_TIMERS, (_time(until), limit))]
        return Found(list(work), timers)


class _Transaction:
    """``BEGIN IMMEDIATE`` … ``COMMIT``, or ``ROLLBACK`` when anything is raised."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> sqlite3.Connection:
        self._connection.execute("BEGIN IMMEDIATE")
        return self._connection

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None:
            try:
                self._connection.execute("COMMIT")
            except sqlite3.Error:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
        elif self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def _many(connection: sqlite3.Connection, statement: str, made: Iterable[rows.Row]) -> None:
    connection.executemany(statement, [_plain(row) for row in made])


def _plain(row: rows.Row) -> rows.Row:
    return tuple(_time(value) if isinstance(value, datetime) else value for value in row)


def _time(value: datetime) -> str:
    """As SQLAlchemy writes it: UTC, without an offset, always with microseconds."""
    at = value if value.tzinfo is UTC else value.astimezone(UTC)
    return at.isoformat(" ", "microseconds")[:_TIME_CHARACTERS]


def _seconds(value: str | None) -> float | None:
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC).timestamp()


def _json(value: str | None) -> Any:
    return None if value is None else json.loads(value)


def _read_run(row: tuple[Any, ...]) -> Any:
    texts = [_json(value) for value in row[8:11]]
    times = [_seconds(value) for value in row[12:15]]
    return rows.read_run([*row[:8], *texts, row[11], *times, *row[15:]])
