"""Whose a publisher's name is."""

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.errors import NotFound, PermissionDenied
from kernel.principal import Principal
from marketplace.publishers.models import PublisherRow
from marketplace.publishers.repository import find_publisher


async def own_publisher(session: AsyncSession, authorizer: Authorizer, principal: Principal, name: str) -> PublisherRow:
    """A publisher that the caller speaks for.

    Raises:
        NotFound: nobody has published under the name.
        PermissionDenied: the caller doesn't publish, or the name is somebody else's.
    """
    await authorizer.require(session, principal, Action.PLUGIN_PUBLISH, PLATFORM)
    row = await find_publisher(session, name)
    if row is None:
        raise NotFound(f"Nobody has published under {name!r}")
    if not principal.is_admin and row.owner != principal.id:
        raise PermissionDenied(f"{name} is the name of {row.owner}")
    return row
