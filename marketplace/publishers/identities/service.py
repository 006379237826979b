"""Publishing by the identity of a pipeline: which tokens may, and exchanging one for a short right to publish."""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.audit.log import record
from kernel.clock import Clock
from kernel.contracts.authorizer import Authorizer
from kernel.db.database import after_commit
from kernel.errors import Conflict, Invalid, NotAuthenticated, NotFound, PermissionDenied
from kernel.principal import Principal, PrincipalKind, system_principal
from marketplace.publishers.identities import repository
from marketplace.publishers.identities.models import PublisherIdentityRow, PublishTokenRow
from marketplace.publishers.identities.proof_life import ProofLife
from marketplace.publishers.identities.tokens import Bearer, IdentityTokens
from marketplace.publishers.marks import verified_among
from marketplace.publishers.ownership import own_publisher
from marketplace.publishers.repository import find_publisher
from marketplace.webhooks.events import CatalogueEvent
from marketplace.webhooks.telling import News, tell

PREFIX: Final = "tlpub_"
"""How a right to publish begins; API tokens and refresh tokens begin otherwise."""
_KIND: Final = "publisher"
_LIFE: Final = timedelta(minutes=15)
_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class PublishRight:
    """What a token may do: publish one plugin, in the name of its publisher's owner."""

    principal: Principal
    publisher: str
    plugin: str

    def require(self, publisher: str, plugin: str) -> None:
        """Raises PermissionDenied, unless it is for this."""
        if (publisher, plugin) != (self.publisher, self.plugin):
            raise PermissionDenied(f"This token publishes {self.plugin} of {self.publisher} and nothing else")


@dataclass(frozen=True, slots=True)
class IssuedRight:
    token: str
    plugin: str
    expires_at: datetime


class IdentityService:
    """Args:
    issuers: those whose tokens are admitted.
    life: how long such a token proves who a publisher is.
    changed: called once a mark is given or taken, for whoever keeps decisions.
    """

    def __init__(
        self,
        authorizer: Authorizer,
        tokens: IdentityTokens,
        issuers: Sequence[str],
        life: ProofLife,
        clock: Clock,
        changed: Callable[[], None],
    ) -> None:
        self.life = life
        self._authorizer = authorizer
        self._tokens = tokens
        self._issuers = issuers
        self._clock = clock
        self._changed = changed

    async def browse(
        self, session: AsyncSession, principal: Principal, publisher: str
    ) -> Sequence[PublisherIdentityRow]:
        """Raises as `own_publisher`."""
        await own_publisher(session, self._authorizer, principal, publisher)
        return await repository.identities_of(session, publisher)

    async def add(
        self,
        session: AsyncSession,
        principal: Principal,
        publisher: str,
        issuer: str,
        subject: str,
        plugins: Sequence[str],
    ) -> PublisherIdentityRow:
        """Lets tokens of it publish.

        Raises:
            NotFound, PermissionDenied: as `own_publisher`; and for a credential that is narrowed.
            Invalid: an issuer that is not admitted.
            Conflict: there are too many.
        """
        await own_publisher(session, self._authorizer, principal, publisher)
        if principal.is_narrowed:
            raise PermissionDenied("A narrowed token lets no others publish; sign in, or use one that is not narrowed")
        if issuer not in self._issuers:
            known = ", ".join(self._issuers) or "none is"
            remedy = "Have the operator add it to TRUNKLINE_PLUGIN_PUBLISH_ISSUERS"
            raise Invalid.field("issuer", f"is not admitted here ({known})", remedy)
        if len(await repository.identities_of(session, publisher)) >= _MOST:
            raise Conflict(f"{publisher} has {_MOST} identities already; remove one that is not used")
        row = PublisherIdentityRow(
            publisher=publisher,
            issuer=issuer,
            subject=subject,
            plugins=list(plugins),
            created_by=principal.id,
            created_at=self._clock.now(),
        )
        session.add(row)
        record(session, principal, "publisher.identity_added", _KIND, publisher, after=_described(row))
        await session.flush()
        return row

    async def remove(self, session: AsyncSession, principal: Principal, publisher: str, identity_id: str) -> None:
        """With every right it was given. Raises NotFound, PermissionDenied."""
        await own_publisher(session, self._authorizer, principal, publisher)
        row = await repository.find_identity(session, identity_id)
        if row is None or row.publisher != publisher:
            raise NotFound(f"{publisher} has no identity {identity_id!r}")
        record(session, principal, "publisher.identity_removed", _KIND, publisher, before=_described(row))
        await repository.remove_identity(session, identity_id)
        await self._note_loss(session, principal, row, had=row.proven_at is not None)

    async def bearer(self, token: str) -> Bearer:
        """Outside of any transaction; raises as `IdentityTokens.bearer`."""
        return await self._tokens.bearer(token)

    async def exchange(
        self, session: AsyncSession, publisher: str, plugin: str, bearer: Bearer, request_id: str
    ) -> IssuedRight:
        """A right to publish one plugin, for a quarter of an hour. The first also proves who the publisher is.

        Raises:
            PermissionDenied: no identity of the publisher is this one's, or none for that plugin.
        """
        now = self._clock.now()
        row = await self._fitting(session, publisher, plugin, bearer)
        acting = Principal(PrincipalKind.SYSTEM, f"identity:{publisher}", request_id=request_id)
        await repository.forget_tokens(session, now)
        token = PREFIX + secrets.token_urlsafe(32)
        session.add(
            PublishTokenRow(
                digest=_digest(token),
                identity_id=row.id,
                publisher=publisher,
                plugin=plugin,
                expires_at=now + _LIFE,
            )
        )
        after = {**_described(row), "as": bearer.subject, "plugin": plugin}
        record(session, acting, "publisher.identity_used", _KIND, publisher, after=after)
        row.last_used_at, row.warned_at = now, None
        if row.proven_at is None:
            was = await verified_among(session, [publisher])
            row.proven_at, row.proven_subject = now, bearer.subject
            if not was:
                await self._note_gain(session, acting, row)
        await session.flush()
        return IssuedRight(token, plugin, now + _LIFE)

    async def forget_unadmitted(self, session: AsyncSession) -> None:
        """Takes the marks that rest on tokens of issuers the operator no longer admits."""
        for row in await repository.proven_beside(session, self._issuers):
            proven, row.proven_at = row.proven_at, None
            await session.flush()
            await self._note_loss(session, system_principal("publisher checks"), row, had=proven is not None)

    async def lapse(self, session: AsyncSession, identity_id: str, before: datetime) -> PublisherIdentityRow | None:
        """Takes the proof whose last token came before; none where it is gone, or another token came meanwhile."""
        row = await repository.find_identity(session, identity_id)
        if row is None or row.proven_at is None or row.last_used_at is None or row.last_used_at >= before:
            return None
        row.proven_at = None
        acting = system_principal("publisher checks")
        record(session, acting, "publisher.identity_lapsed", _KIND, row.publisher, after=_described(row))
        await session.flush()
        await self._note_loss(session, acting, row, had=True)
        return row

    async def warn(self, session: AsyncSession, identity_id: str, before: datetime) -> PublisherIdentityRow | None:
        """Notes that its owner is told; none where that was done, or is not called for any more."""
        row = await repository.find_identity(session, identity_id)
        if row is None or row.proven_at is None or row.last_used_at is None or row.last_used_at >= before:
            return None
        if row.warned_at is not None:
            return None
        row.warned_at = self._clock.now()
        acting = system_principal("publisher checks")
        record(session, acting, "publisher.identity_lapsing", _KIND, row.publisher, after=_described(row))
        return row

    async def right_of(self, session: AsyncSession, token: str, request_id: str) -> PublishRight:
        """What a token from `exchange` may do.

        Raises:
            NotAuthenticated: it is none of ours, or has ended.
        """
        row = await repository.find_token(session, _digest(token))
        publisher = await find_publisher(session, row.publisher) if row is not None else None
        if row is None or publisher is None or row.expires_at <= self._clock.now():
            raise NotAuthenticated("The right to publish has ended, or never was; exchange a new identity token")
        principal = Principal(PrincipalKind.USER, publisher.owner, request_id=request_id)
        return PublishRight(principal, row.publisher, row.plugin)

    async def _fitting(
        self, session: AsyncSession, publisher: str, plugin: str, bearer: Bearer
    ) -> PublisherIdentityRow:
        for row in await repository.identities_of(session, publisher):
            fits = row.issuer == bearer.issuer and fnmatchcase(bearer.subject, row.subject)
            if fits and any(fnmatchcase(plugin, pattern) for pattern in row.plugins):
                return row
        raise PermissionDenied(
            f"No identity of {publisher} admits {bearer.subject} of {bearer.issuer} to publish {plugin}"
        )

    async def _note_gain(self, session: AsyncSession, principal: Principal, row: PublisherIdentityRow) -> None:
        facts = {"issuer": row.issuer, "subject": row.proven_subject}
        record(session, principal, "publisher.verified", _KIND, row.publisher, after=facts)
        news = News(CatalogueEvent.VERIFIED, row.publisher, facts=facts)
        await tell(session, principal, news, self._clock.now())
        after_commit(session, self._changed)

    async def _note_loss(
        self, session: AsyncSession, principal: Principal, row: PublisherIdentityRow, *, had: bool
    ) -> None:
        if not had or await verified_among(session, [row.publisher]):
            return
        facts = {"issuer": row.issuer, "subject": row.proven_subject}
        record(session, principal, "publisher.verification_lost", _KIND, row.publisher, after=facts)
        news = News(CatalogueEvent.VERIFICATION_LOST, row.publisher, facts=facts)
        await tell(session, principal, news, self._clock.now())
        after_commit(session, self._changed)


def _described(row: PublisherIdentityRow) -> dict[str, Any]:
    return {"id": row.id, "issuer": row.issuer, "subject": row.subject, "plugins": row.plugins}


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
