"""A process that ends in the middle of its work, as far as its database can tell."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from kernel.db.database import Database


class Killed(BaseException):
    """The process is gone."""


@contextmanager
def killed_at(database: Database, statement: int) -> Iterator[None]:
    """The process ends before its n-th statement from now on."""
    left = iter(range(statement, -1, -1))

    def before(*_: Any) -> None:
        if next(left, 1) == 0:
            raise Killed

    engines = {database.engine.sync_engine, database._writer.sync_engine}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", before)
    try:
        yield
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", before)
