"""The verified mark: what has proven who a publisher is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from marketplace.publishers.identities.models import PublisherIdentityRow
from marketplace.publishers.identities.repository import proven_identities
from marketplace.publishers.models import PublisherRow


@dataclass(frozen=True, slots=True)
class Mark:
    """Attributes:
    domain: whose DNS says so; none where none does.
    identity: whose token said so, and of which issuer; none where none did.
    last_token_at: when one last came of any identity that has proven it.
    """

    domain: str | None = None
    identity: str | None = None
    last_token_at: datetime | None = None


def verified_names() -> Select[str]:
    """The names of all who have it."""
    proven = select(col(PublisherIdentityRow.publisher)).where(col(PublisherIdentityRow.proven_at).is_not(None))
    name, verified_at = col(PublisherRow.name), col(PublisherRow.verified_at)
    return select(name).where(or_(verified_at.is_not(None), name.in_(proven)))


async def marks_of(session: AsyncSession, names: Iterable[str]) -> dict[str, Mark]:
    """What has proven those of them that have it."""
    wanted = list(names)
    statement = select(col(PublisherRow.name), col(PublisherRow.domain)).where(
        col(PublisherRow.name).in_(wanted), col(PublisherRow.verified_at).is_not(None)
    )
    domains = {row[0]: row[1] for row in (await session.execute(statement)).all()}
    proven = await proven_identities(session, wanted)
    return {name: _mark(domains.get(name), proven.get(name, ())) for name in domains.keys() | proven.keys()}


def _mark(domain: str | None, proven: Sequence[PublisherIdentityRow]) -> Mark:
    if not proven:
        return Mark(domain)
    last = max((row.last_used_at for row in proven if row.last_used_at is not None), default=None)
    return Mark(domain, f"{proven[0].proven_subject} ({proven[0].issuer})", last)


async def verified_among(session: AsyncSession, names: Iterable[str]) -> frozenset[str]:
    """Those of them that have it."""
    statement = verified_names().where(col(PublisherRow.name).in_(list(names)))
    return frozenset((await session.execute(statement)).scalars())
