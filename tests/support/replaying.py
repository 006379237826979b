"""Writes that were worked out once and are made again in other databases, for what tests begin with and are not of."""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast

from sqlalchemy import event

from kernel.db.database import Database
from kernel.services import KernelServices
from kernel.settings import Settings

Told = TypeVar("Told")
_Statement = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class Beginning:
    """All that what is written depends on, beside the migrated database it is written to.

    Attributes:
        steps: the names of what was done so far, the newest last.
    """

    dialect: str
    settings: Settings
    now: datetime
    steps: tuple[str, ...]

    @classmethod
    def of(cls, kernel: KernelServices, *steps: str) -> "Beginning":
        nowhere = kernel.settings.model_copy(update={"data_dir": None})
        return cls(kernel.database.engine.dialect.name, nowhere, kernel.clock.now(), steps)


@dataclass(frozen=True, slots=True)
class _Done:
    beginning: Beginning
    told: Any
    statements: tuple[_Statement, ...]


_known: list[_Done] = []
_being_noted: ContextVar[list[_Statement] | None] = ContextVar("being_noted", default=None)


async def done_once(database: Database, beginning: Beginning, work: Callable[[], Awaitable[Told]]) -> Told:
    """What `work` tells, which must hold nothing that belongs to one test: done, or written as it was the first time
    in this process.
    """
    done = next((each for each in _known if each.beginning == beginning), None)
    if done is None:
        statements: list[_Statement] = []
        told = await _noting(database, statements, work)
        done = _Done(beginning, told, tuple(statements))
        _known.append(done)
    else:
        await _write(database, done.statements)
    return cast("Told", done.told)


async def _noting(database: Database, statements: list[_Statement], work: Callable[[], Awaitable[Told]]) -> Told:
    """Does `work` and notes what it writes; what goes on beside it has a context of its own, and is not noted."""
    engine = database._writer.sync_engine
    token = _being_noted.set(statements)
    event.listen(engine, "before_cursor_execute", _note)
    try:
        return await work()
    finally:
        event.remove(engine, "before_cursor_execute", _note)
        _being_noted.reset(token)


def _note(_connection: Any, _cursor: Any, statement: str, parameters: Any, context: Any, _many: bool) -> None:  # noqa: FBT001  SQLAlchemy's signature
    noted = _being_noted.get()
    if noted is not None and (context.isinsert or context.isupdate or context.isdelete):
        noted.append((statement, parameters))


async def _write(database: Database, statements: tuple[_Statement, ...]) -> None:
    async with database.unit_of_work() as session:
        connection = await session.connection()
        for statement, parameters in statements:
            await connection.exec_driver_sql(statement, parameters)
    database._changes += 1  # whoever looks for work when something was changed
