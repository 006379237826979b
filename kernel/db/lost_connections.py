"""Connections that PostgreSQL has closed, or a network has forgotten, are not lent to a session.

SQLAlchemy's `pool_pre_ping` asks the server before each session, which goes there and back three times (BEGIN, nothing,
ROLLBACK), as often as a short transaction itself. A connection that was in use a moment ago need not be asked.
"""

import time
from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

_RETURNED: Final = "trunkline_returned"
_REST_SECONDS: Final = 5.0
"""After so long a rest a connection is asked. One that the server ended before is known by that; nothing on the way
forgets a connection sooner."""


def lend_no_lost_ones(engine: Engine, rest: float = _REST_SECONDS, now: Callable[[], float] = time.monotonic) -> None:
    """Args:
    rest: seconds without use after which a connection is asked whether it lives.
    now: seconds of a clock that is never set back.
    """

    def note_return(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[_RETURNED] = now()

    def look(connection: Any, record: ConnectionPoolEntry, _lent: Any) -> None:
        returned = record.info.get(_RETURNED)
        if returned is None:  # it was just made
            return
        if not _is_closed(connection) and now() - returned >= rest:
            _ask(connection)
        if _is_closed(connection):
            # All others that rest were lost with it; the pool makes new ones.
            raise InvalidatePoolError("the server ended the connection")

    event.listen(engine, "checkin", note_return)
    event.listen(engine, "checkout", look)


def _ask(connection: Any) -> None:
    try:
        connection.ping()
    except Exception:
        if not _is_closed(connection):
            raise


def _is_closed(connection: Any) -> bool:
    closed: bool = connection.driver_connection.is_closed()
    return closed
