"""A database that is away is told of in one way: SQLAlchemy's `OperationalError`.

asyncpg has no kind of error of its own for a connection that ended, nor for a server that is starting, and what its
sockets raise is no error of a database at all. SQLAlchemy itself has another error for a connection that did not become
free in time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import Dialect, ExceptionContext
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

_AWAY_STATES = frozenset({"57P01", "57P02", "57P03", "53300"})
"""Being shut down, crashed, starting, out of connections."""
_CONNECTION_CLASS = "08"


def tell_when_away(engine: Engine) -> None:
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "handle_error", _rename)


@contextmanager
def full_pool_as_away() -> Iterator[None]:
    try:
        yield
    except PoolTimeout as error:
        raise OperationalError(None, None, error) from error


def _connect(dialect: Dialect, _record: Any, arguments: Any, named: Any) -> Any:
    try:
        return dialect.connect(*arguments, **named)
    except OSError as error:
        raise OperationalError(None, None, error) from error


def _rename(context: ExceptionContext) -> None:
    error = context.sqlalchemy_exception
    if not isinstance(error, DBAPIError) or isinstance(error, OperationalError):
        return
    state = getattr(context.original_exception, "sqlstate", None) or ""
    if context.is_disconnect or state in _AWAY_STATES or state.startswith(_CONNECTION_CLASS):
        raise OperationalError(
            error.statement,
            None,
            context.original_exception,
            hide_parameters=True,
            connection_invalidated=context.is_disconnect,
        ) from context.original_exception
