"""Who publishes, and which codes are kept for whom."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.errors import NotFound
from kernel.principal import Principal
from marketplace.publishers.models import NamespaceRow, PublisherRow
from marketplace.publishers.repository import all_namespaces, all_publishers, find_namespace


class PublisherService:
    def __init__(self, authorizer: Authorizer, clock: Clock) -> None:
        self._authorizer = authorizer
        self._clock = clock

    async def publishers(self, session: AsyncSession) -> Sequence[PublisherRow]:
        """All of them, by name."""
        return await all_publishers(session)

    async def namespaces(self, session: AsyncSession) -> Sequence[NamespaceRow]:
        """Everything reserved, by prefix."""
        return await all_namespaces(session)

    async def reserve(
        self, session: AsyncSession, principal: Principal, prefix: str, publishers: list[str]
    ) -> NamespaceRow:
        """Keeps new codes that begin with `prefix` for these publishers; codes published before go on.

        Raises:
            PermissionDenied: the caller is no administrator.
        """
        await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        wanted = sorted(set(publishers))
        row = await find_namespace(session, prefix)
        before = {"publishers": row.publishers} if row is not None else None
        if row is None:
            row = NamespaceRow(prefix=prefix, publishers=wanted, reserved_by="", reserved_at=self._clock.now())
            session.add(row)
        row.publishers, row.reserved_by, row.reserved_at = wanted, principal.id, self._clock.now()
        after = {"publishers": wanted}
        record(session, principal, "plugin_namespace.reserved", "plugin_namespace", prefix, before=before, after=after)
        await session.flush()
        return row

    async def release(self, session: AsyncSession, principal: Principal, prefix: str) -> None:
        """Raises:
        PermissionDenied: the caller is no administrator.
        NotFound: the prefix isn't reserved.
        """
        await self._authorizer.require(session, principal, Action.PLATFORM_ADMINISTER, PLATFORM)
        row = await find_namespace(session, prefix)
        if row is None:
            raise NotFound(f"{prefix!r} is not reserved")
        before = {"publishers": row.publishers}
        record(session, principal, "plugin_namespace.released", "plugin_namespace", prefix, before=before)
        await session.delete(row)
        await session.flush()
