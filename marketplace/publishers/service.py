"""Who publishes, and which codes are kept for whom."""

import secrets
from collections.abc import Callable, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import PLATFORM, Action, Authorizer
from kernel.db.database import after_commit
from kernel.db.pages import PageRequest
from kernel.errors import Conflict, NotFound, Unavailable
from kernel.principal import Principal
from marketplace.publishers.dns_proof import DnsUnusable, TextRecords, record_name, record_text
from marketplace.publishers.models import NamespaceRow, PublisherRow
from marketplace.publishers.ownership import own_publisher
from marketplace.publishers.repository import all_namespaces, find_namespace, page_of_publishers
from marketplace.webhooks.events import CatalogueEvent
from marketplace.webhooks.telling import News, tell


class PublisherService:
    """Args:
    changed: called once a mark is given or taken, for whoever keeps decisions.
    """

    def __init__(self, authorizer: Authorizer, lookup: TextRecords, clock: Clock, changed: Callable[[], None]) -> None:
        self._authorizer = authorizer
        self._lookup = lookup
        self._clock = clock
        self._changed = changed

    async def publishers(self, session: AsyncSession, page: PageRequest) -> tuple[Sequence[PublisherRow], str | None]:
        """By name, and the cursor of the next page."""
        return await page_of_publishers(session, page)

    async def claim_domain(self, session: AsyncSession, principal: Principal, name: str, domain: str) -> PublisherRow:
        """Says whose domain the publisher is; what was verified before counts no more.

        Raises:
            NotFound: nobody has published under the name.
            PermissionDenied: it is somebody else's.
        """
        row = await own_publisher(session, self._authorizer, principal, name)
        if row.domain == domain:
            return row
        before = {"domain": row.domain, "verified": row.verified_at is not None}
        row.domain, row.challenge = domain, secrets.token_urlsafe(24)
        row.verified_at = row.checked_at = None
        after_commit(session, self._changed)
        record(
            session, principal, "publisher.domain_claimed", "publisher", name, before=before, after={"domain": domain}
        )
        await session.flush()
        return row

    async def asked(self, session: AsyncSession, principal: Principal, name: str) -> tuple[str, str]:
        """The name to look up and the text it has to say.

        Raises:
            NotFound, PermissionDenied: as `claim_domain`.
            Conflict: no domain is claimed.
        """
        row = await own_publisher(session, self._authorizer, principal, name)
        return question_of(row)

    async def look_up(self, name: str) -> list[str]:
        """Outside of any transaction.

        Raises:
            Unavailable: nobody could be asked.
        """
        try:
            return await self._lookup(name)
        except DnsUnusable as error:
            raise Unavailable(str(error)) from error

    async def note_proof(
        self, session: AsyncSession, principal: Principal, name: str, asked: tuple[str, str], found: list[str]
    ) -> PublisherRow:
        """Gives the mark, or takes it away.

        Args:
            asked: what `asked` answered; when another domain was claimed meanwhile, what was found proves nothing.
        """
        row = await own_publisher(session, self._authorizer, principal, name)
        if asked != question_of(row):
            raise Conflict("Another domain was claimed meanwhile")
        was, proven = row.verified_at is not None, asked[1] in found
        row.checked_at = self._clock.now()
        row.verified_at = (row.verified_at or row.checked_at) if proven else None
        if was != proven:
            event = CatalogueEvent.VERIFIED if proven else CatalogueEvent.VERIFICATION_LOST
            facts = {"domain": row.domain}
            record(session, principal, event.value, "publisher", name, after=facts)
            await tell(session, principal, News(event, name, facts=facts), row.checked_at)
            after_commit(session, self._changed)
        await session.flush()
        return row

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


def question_of(row: PublisherRow) -> tuple[str, str]:
    """The name to look up and the text it has to say.

    Raises:
        Conflict: no domain is claimed.
    """
    if row.domain is None or row.challenge is None:
        raise Conflict(f"{row.name} has claimed no domain")
    return record_name(row.domain), record_text(row.name, row.challenge)
