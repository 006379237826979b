"""What endpoints ask for: a session that commits before the answer is sent, the principal, a page."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authenticator import Authenticator
from kernel.db.database import Database
from kernel.db.pages import MAX_LIMIT, PageRequest
from kernel.principal import Principal

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


async def only_reads() -> None:
    """Marks an endpoint that changes nothing, though its method could: on SQLite it waits for nobody who writes, and
    nobody waits for it.
    """


ONLY_READS = Depends(only_reads)


async def request_session(request: Request) -> AsyncIterator[AsyncSession]:
    """One transaction per request: committed before the answer starts, so success is never reported too early."""
    database: Database = request.app.state.database
    opening = database.reading() if _changes_nothing(request) else database.unit_of_work()
    async with opening as session:
        yield session


def _changes_nothing(request: Request) -> bool:
    if request.method in _SAFE_METHODS:
        return True
    return any(each.dependency is only_reads for each in request.scope["route"].dependencies)


SessionDep = Annotated[AsyncSession, Depends(request_session, scope="function")]


async def current_principal(request: Request, session: SessionDep) -> Principal:
    authenticator: Authenticator = request.app.state.authenticator
    return await authenticator.authenticate(session, request)


PrincipalDep = Annotated[Principal, Depends(current_principal, scope="function")]


def id_of_request(request: Request) -> str:
    """For principals that an endpoint establishes by itself."""
    return str(getattr(request.state, "request_id", ""))


def page_request(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50, cursor: Annotated[str | None, Query(max_length=200)] = None
) -> PageRequest:
    return PageRequest(limit, cursor)


PageDep = Annotated[PageRequest, Depends(page_request)]


def service_of(unit: str, name: str) -> Callable[[Request], Any]:
    """A dependency: a service of a unit, which the composition root put at `app.state.<unit>`."""

    def service(request: Request) -> Any:
        return getattr(getattr(request.app.state, unit), name)

    return service
