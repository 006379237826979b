"""The store on PostgreSQL: a commit of any number of tasks is one statement, so one round trip and one transaction."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

import asyncpg

from orchestrator.runtime import rows
from orchestrator.runtime.codec import restore
from orchestrator.runtime.store import NOBODY, Claimed, Found, Message, StoreBusy, TaskWrite, WorkerRow

Answer = TypeVar("Answer")

_OWN = """WITH given AS (
  SELECT * FROM unnest($1::text[], $2::bigint[]) AS g(id, fence)
), """
_OWN_WIDTH = 2
_TASK_GIVEN = """WITH given AS (
  SELECT * FROM unnest($1::text[], $2::bigint[], $3::bool[], $4::text[], $5::int[], $6::int[], $7::text[],
    $8::timestamptz[], $9::timestamptz[], $10::text[])
  AS g(id, fence, release, state, sequence, counter, progress, started_at, finished_at, outputs)
), """
_TASK_WIDTH = 10
_OWNED = """owned AS MATERIALIZED (
  SELECT t.id FROM orchestrator_task t JOIN given g ON t.id = g.id AND t.fence = g.fence ORDER BY t.id
  FOR NO KEY UPDATE OF t
)"""
_TASK = """, task AS (
  UPDATE orchestrator_task t SET state = g.state, sequence = g.sequence, counter = g.counter,
    progress = g.progress::jsonb, started_at = g.started_at, finished_at = g.finished_at, outputs = g.outputs::jsonb,
    lease_owner = CASE WHEN g.release THEN NULL ELSE t.lease_owner END
  FROM given g JOIN owned o ON o.id = g.id WHERE t.id = g.id
)"""
_PARTS = (
    """, run AS (
  INSERT INTO orchestrator_node_run (id, task_id, node_id, number, attempt, state, fork, step, inputs, outputs, storage,
    error, started_at, finished_at, due_at, loop, lock_key, awaits, begun_entry, finished_entry)
  SELECT r.id, r.task_id, r.node_id, r.number, r.attempt, r.state, r.fork, r.step, r.inputs::jsonb, r.outputs::jsonb,
    r.storage::jsonb, r.error, r.started_at, r.finished_at, r.due_at, r.loop, r.lock_key, r.awaits,
    r.begun_entry, r.finished_entry
  FROM unnest({}::text[], {}::text[], {}::text[], {}::int[], {}::int[], {}::text[], {}::text[], {}::int[],
    {}::text[], {}::text[], {}::text[], {}::text[], {}::timestamptz[], {}::timestamptz[], {}::timestamptz[], {}::int[],
    {}::text[], {}::text[], {}::int[], {}::int[])
  AS r(id, task_id, node_id, number, attempt, state, fork, step, inputs, outputs, storage, error, started_at,
    finished_at, due_at, loop, lock_key, awaits, begun_entry, finished_entry) JOIN owned o ON o.id = r.task_id
  ON CONFLICT (id) DO UPDATE SET state = excluded.state, step = excluded.step, inputs = excluded.inputs,
    outputs = excluded.outputs, storage = excluded.storage, error = excluded.error, started_at = excluded.started_at,
    finished_at = excluded.finished_at, due_at = excluded.due_at, lock_key = excluded.lock_key,
    awaits = excluded.awaits,
    begun_entry = coalesce(excluded.begun_entry, orchestrator_node_run.begun_entry),
    finished_entry = coalesce(excluded.finished_entry, orchestrator_node_run.finished_entry)
)""",
    """, event AS (
  INSERT INTO orchestrator_task_event (task_id, sequence, at, kind, node_id, data)
  SELECT e.task_id, e.sequence, e.at, e.kind, e.node_id, e.data::jsonb
  FROM unnest({}::text[], {}::int[], {}::timestamptz[], {}::text[], {}::text[], {}::text[])
  AS e(task_id, sequence, at, kind, node_id, data) JOIN owned o ON o.id = e.task_id
  ON CONFLICT DO NOTHING
)""",
    """, call AS (
  INSERT INTO orchestrator_node_call (task_id, run_id, at, idempotency_key, component, status, request_id, executor)
  SELECT c.* FROM unnest(
    {}::text[], {}::text[], {}::timestamptz[], {}::text[], {}::text[], {}::int[], {}::text[], {}::text[]
  ) AS c(task_id, run_id, at, idempotency_key, component, status, request_id, executor)
  JOIN owned o ON o.id = c.task_id
)""",
    """, log AS (
  INSERT INTO orchestrator_node_log (task_id, run_id, at, message)
  SELECT l.* FROM unnest({}::text[], {}::text[], {}::timestamptz[], {}::text[]) AS l(task_id, run_id, at, message)
  JOIN owned o ON o.id = l.task_id
)""",
    """, cancellation AS (
  INSERT INTO orchestrator_node_cancellation AS n
    (run_id, task_id, node_id, state, asked_at, due_at, storage, attempts, reason)
  SELECT c.run_id, c.task_id, c.node_id, c.state, c.asked_at, c.due_at, c.storage::jsonb, c.attempts, c.reason
  FROM unnest({}::text[], {}::text[], {}::text[], {}::text[], {}::timestamptz[], {}::timestamptz[], {}::text[],
    {}::int[], {}::text[])
  AS c(run_id, task_id, node_id, state, asked_at, due_at, storage, attempts, reason) JOIN owned o ON o.id = c.task_id
  ON CONFLICT (run_id) DO UPDATE SET state = excluded.state, due_at = excluded.due_at, storage = excluded.storage,
    attempts = excluded.attempts, reason = excluded.reason
  WHERE n.state IN ('waiting', 'not_reached')
)""",
    """, message AS (
  UPDATE orchestrator_task_message m SET settled_at = s.settled_at, reason = s.reason
  FROM unnest({}::text[], {}::text[], {}::timestamptz[], {}::text[]) AS s(id, task_id, settled_at, reason)
  JOIN owned o ON o.id = s.task_id WHERE m.id = s.id AND m.settled_at IS NULL
)""",
)
_ALIVE = "SELECT id FROM orchestrator_worker WHERE alive_until > $2"
_CLAIM = f"""UPDATE orchestrator_task SET lease_owner = $1, fence = fence + 1
  WHERE id IN (
    SELECT id FROM orchestrator_task WHERE id = ANY($3::text[])
      AND (lease_owner IS NULL OR lease_owner = $1 OR lease_owner NOT IN ({_ALIVE}))
    ORDER BY id FOR NO KEY UPDATE)
  RETURNING id, fence, state, progress, counter, sequence, started_at, finished_at, definition_id, project_id,
    project_code, name, created_by, inputs, scopes, start_at"""  # noqa: S608 - constant
_RUNS = f"SELECT {', '.join(rows.RUN_COLUMNS)} FROM orchestrator_node_run WHERE task_id = ANY($1) ORDER BY number"  # noqa: S608 - column names
_MESSAGES = """SELECT id, task_id, kind, node_id, run_id, data, actor FROM orchestrator_task_message
  WHERE task_id = ANY($1) AND settled_at IS NULL ORDER BY created_at, id"""
_SWEEP = f"""
(SELECT id FROM orchestrator_task WHERE state = 'CREATED' AND start_at <= $2
   AND (lease_owner IS NULL OR lease_owner NOT IN ({_ALIVE})) LIMIT $3)
UNION (SELECT id FROM orchestrator_task WHERE lease_owner IS NOT NULL AND lease_owner NOT IN ({_ALIVE}) LIMIT $3)
UNION (SELECT t.id FROM orchestrator_task_message m JOIN orchestrator_task t ON t.id = m.task_id
   WHERE m.settled_at IS NULL
     AND (t.lease_owner IS NULL OR t.lease_owner = $1 OR t.lease_owner NOT IN ({_ALIVE})) LIMIT $3)
"""  # noqa: S608 - constant
_TIMERS = """SELECT r.task_id, min(r.due_at) FROM orchestrator_node_run r JOIN orchestrator_task t ON t.id = r.task_id
  WHERE r.due_at <= $1 AND t.lease_owner IS NULL GROUP BY r.task_id ORDER BY 2 LIMIT $2"""
_AWAY = (
    OSError,
    asyncio.TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.TransactionRollbackError,
)
_FEW = 100
"""Rows of a part. The plan for any number of rows takes an array for ten, and may compare each of its rows with each of
a table's: with thousands of rows that took ten times as long as all the rest of a commit."""
_CONNECT_SECONDS = 10.0
_COMMAND_SECONDS = 60.0
"""A network that swallows packets must not hold the writer for ever; what was in doubt is written again, to no harm."""


class PostgresStore:
    """See `Store`."""

    def __init__(self, address: str, connections: int = 3) -> None:
        self._address = address.replace("postgresql+asyncpg://", "postgresql://", 1)
        self._connections = connections
        self._pool: asyncpg.Pool | None = None

    async def open(self) -> None:
        # The shape of the big statement never changes: planning it anew for a few rows would cost more than it.
        settings = {"plan_cache_mode": "force_generic_plan", "synchronous_commit": "on"}
        try:
            self._pool = await asyncpg.create_pool(
                self._address,
                min_size=1,
                max_size=self._connections,
                server_settings=settings,
                reset=_keep,
                timeout=_CONNECT_SECONDS,
                command_timeout=_COMMAND_SECONDS,
            )
        except _AWAY as error:
            raise StoreBusy(str(error)) from error

    async def close(self) -> None:
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    async def commit(self, writes: Sequence[TaskWrite], now: datetime) -> frozenset[str]:
        of_tasks = [rows.task_rows(write) for write in writes]
        alone = all(each.alone for each in of_tasks)
        own = [(w.state.task_id, w.fence, *(() if alone else (w.release, *rows.task_row(w)))) for w in writes]
        made = (
            [row for each in of_tasks for row in each.runs],
            [row for each in of_tasks for row in each.events],
            [row for write in writes for row in rows.call_rows(write)],
            [row for write in writes for row in rows.log_rows(write)],
            [row for write in writes for row in rows.cancellation_rows(write)],
            list(rows.settled_rows(writes, now)),
        )
        columns = [column for rows_of_part in (own, *made) for column in zip(*rows_of_part, strict=True)]
        statement = _commit_statement(alone, tuple(bool(rows_of_part) for rows_of_part in made))
        many = max(map(len, made)) > _FEW
        found = await self._do(lambda pool: (_fetch_planned if many else _fetch)(pool, statement, columns))
        return frozenset(row[0] for row in found)

    async def claim(
        self, worker: str, tasks: Sequence[str], known: Mapping[str, int], now: datetime
    ) -> Sequence[Claimed]:
        found = await self._do(lambda pool: pool.fetch(_CLAIM, worker, now, list(tasks)))
        names = [row["id"] for row in found]
        new = [row["id"] for row in found if row["counter"] and known.get(row["id"], -1) + 1 != row["fence"]]
        runs: dict[str, list[tuple[Any, ...]]] = {}
        if new:
            for row in await self._do(lambda pool: pool.fetch(_RUNS, new)):
                runs.setdefault(row["task_id"], []).append(tuple(row))
        messages: dict[str, list[Message]] = {}
        for message in await self.messages(names) if names else ():
            messages.setdefault(message.task_id, []).append(message)
        return [
            _read_claim(row, known.get(row["id"]), runs.get(row["id"], []), messages.get(row["id"], []))
            for row in found
        ]

    async def disown(self, worker: str, task: str) -> None:
        statement = "UPDATE orchestrator_task SET lease_owner = $1 WHERE id = $2 AND lease_owner = $3"
        await self._do(lambda pool: pool.execute(statement, NOBODY, task, worker))

    async def messages(self, tasks: Sequence[str]) -> Sequence[Message]:
        found = await self._do(lambda pool: pool.fetch(_MESSAGES, list(tasks)))
        return [Message(row[0], row[1], row[2], row[3], row[4], _json(row[5]), row[6]) for row in found]

    async def definition(self, definition_id: str) -> Mapping[str, Any] | None:
        statement = "SELECT document FROM orchestrator_definition WHERE id = $1"
        document: Mapping[str, Any] | None = _json(await self._do(lambda pool: pool.fetchval(statement, definition_id)))
        return document

    async def sweep(self, worker: str, now: datetime, until: datetime, limit: int) -> Found:
        work = await self._do(lambda pool: pool.fetch(_SWEEP, worker, now, limit))
        timers = await self._do(lambda pool: pool.fetch(_TIMERS, until, limit))
        return Found([row[0] for row in work], [(row[0], row[1].timestamp()) for row in timers])

    async def owned(self, worker: str) -> Sequence[str]:
        query = "SELECT id FROM orchestrator_task WHERE lease_owner = $1"
        return [row[0] for row in await self._do(lambda pool: pool.fetch(query, worker))]

    async def beat(self, worker: WorkerRow, now: datetime) -> None:
        statement = """INSERT INTO orchestrator_worker (id, host, lock_file, started_at, alive_until)
          VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO UPDATE SET alive_until = excluded.alive_until"""
        values = (worker.id, worker.host, worker.lock_file, now, worker.alive_until)
        await self._do(lambda pool: pool.execute(statement, *values))

    async def workers(self) -> Sequence[WorkerRow]:
        statement = "SELECT id, host, lock_file, alive_until FROM orchestrator_worker"
        return [WorkerRow(*tuple(row)) for row in await self._do(lambda pool: pool.fetch(statement))]

    async def forget_worker(self, worker: str) -> None:
        # The tasks keep their owner's name: that it is nobody's is how the sweep finds them.
        await self._do(lambda pool: pool.execute("DELETE FROM orchestrator_worker WHERE id = $1", worker))

    async def _do(self, work: "Callable[[asyncpg.Pool], Awaitable[Answer]]") -> Answer:
        if self._pool is None:
            raise StoreBusy("the store is not open")
        try:
            return await work(self._pool)
        except (asyncpg.DataError, asyncpg.exceptions.DataError):
            raise  # of the interface too, but a value the database will never take
        except _AWAY as error:
            raise StoreBusy(str(error) or type(error).__name__) from error


async def _fetch(pool: asyncpg.Pool, statement: str, columns: Sequence[Any]) -> Sequence[Any]:
    found: Sequence[Any] = await pool.fetch(statement, *columns)
    return found


async def _fetch_planned(pool: asyncpg.Pool, statement: str, columns: Sequence[Any]) -> Sequence[Any]:
    """Carried out by a plan for as many rows as there are."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        found: Sequence[Any] = await connection.fetch(statement, *columns)
        return found


async def _keep(_connection: Any) -> None:
    """Nothing to reset: no session state is ever set, and the round trip would double the cost of a commit."""


@cache
def _commit_statement(alone: bool, present: tuple[bool, ...]) -> str:  # noqa: FBT001  it is a key of the cache
    """The commit without the parts that have no rows: each part costs the server time even when it is empty.

    Args:
        alone: the rows of tasks stay as they are.
    """
    statement = f"{_OWN}{_OWNED}" if alone else f"{_TASK_GIVEN}{_OWNED}{_TASK}"
    taken = _OWN_WIDTH if alone else _TASK_WIDTH
    for part, wanted in zip(_PARTS, present, strict=True):
        if wanted:
            width = part.count("{}")
            statement += part.format(*(f"${taken + number + 1}" for number in range(width)))
            taken += width
    return f"{statement} SELECT id FROM owned"  # noqa: S608 - constants of this file


def _json(value: str | None) -> Any:
    return None if value is None else json.loads(value)


def _seconds(value: datetime | None) -> float | None:
    return None if value is None else value.timestamp()


def _read_run(row: tuple[Any, ...]) -> Any:
    return rows.read_run([*row[:8], *map(_json, row[8:11]), row[11], *map(_seconds, row[12:15]), *row[15:]])


def _read_claim(row: Any, known: int | None, runs: list[tuple[Any, ...]], messages: list[Message]) -> Claimed:
    state = None
    if known is None or known + 1 != row["fence"]:
        counter, sequence = rows.counted(row["counter"], row["sequence"], runs)
        state = restore(
            row["id"],
            status=row["state"],
            progress=_json(row["progress"]),
            counter=counter,
            sequence=sequence,
            started=_seconds(row["started_at"]),
            finished=_seconds(row["finished_at"]),
            runs=[_read_run(run) for run in runs],
        )
    return Claimed(
        row["id"],
        row["fence"],
        state,
        row["definition_id"],
        row["project_id"],
        row["project_code"],
        row["name"],
        row["created_by"],
        _json(row["inputs"]) or {},
        frozenset(_json(row["scopes"]) or ()),
        _seconds(row["start_at"]),
        messages,
    )
