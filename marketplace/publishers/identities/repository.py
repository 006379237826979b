from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from marketplace.publishers.identities.models import PublisherIdentityRow, PublishTokenRow


async def identities_of(session: AsyncSession, publisher: str) -> Sequence[PublisherIdentityRow]:
    """In the order in which they were added."""
    statement = select(PublisherIdentityRow).where(col(PublisherIdentityRow.publisher) == publisher)
    return (await session.execute(statement.order_by(col(PublisherIdentityRow.id)))).scalars().all()


async def find_identity(session: AsyncSession, identity_id: str) -> PublisherIdentityRow | None:
    return await session.get(PublisherIdentityRow, identity_id, populate_existing=True, with_for_update=True)


async def proven_identities(session: AsyncSession, publishers: Iterable[str]) -> dict[str, list[PublisherIdentityRow]]:
    """Those of each publisher that a token has proven, in the order in which they were added."""
    row = PublisherIdentityRow
    statement = select(row).where(col(row.publisher).in_(list(publishers)), col(row.proven_at).is_not(None))
    found: dict[str, list[PublisherIdentityRow]] = {}
    for each in (await session.execute(statement.order_by(col(row.id)))).scalars():
        found.setdefault(each.publisher, []).append(each)
    return found


async def proven_beside(session: AsyncSession, issuers: Collection[str]) -> Sequence[PublisherIdentityRow]:
    """Those proven by tokens of other issuers."""
    row = PublisherIdentityRow
    statement = select(row).where(col(row.proven_at).is_not(None), col(row.issuer).not_in(list(issuers)))
    return (await session.execute(statement.with_for_update())).scalars().all()


async def find_lapsed(session: AsyncSession, before: datetime) -> PublisherIdentityRow | None:
    """The proven one whose last token came longest ago, where that is before."""
    row = PublisherIdentityRow
    statement = select(row).where(col(row.proven_at).is_not(None), col(row.last_used_at) < before)
    return (await session.execute(statement.order_by(col(row.last_used_at)).limit(1))).scalar_one_or_none()


async def find_lapsing(session: AsyncSession, before: datetime) -> PublisherIdentityRow | None:
    """The proven one whose last token came longest ago, where that is before and its owner does not know yet."""
    row = PublisherIdentityRow
    lapsing = (col(row.proven_at).is_not(None), col(row.last_used_at) < before, col(row.warned_at).is_(None))
    statement = select(row).where(*lapsing).order_by(col(row.last_used_at)).limit(1)
    return (await session.execute(statement)).scalar_one_or_none()


async def find_token(session: AsyncSession, digest: str) -> PublishTokenRow | None:
    return await session.get(PublishTokenRow, digest)


async def forget_tokens(session: AsyncSession, before: datetime) -> None:
    await session.execute(delete(PublishTokenRow).where(col(PublishTokenRow.expires_at) < before))


async def remove_identity(session: AsyncSession, identity_id: str) -> None:
    """With every right it was given."""
    await session.execute(delete(PublishTokenRow).where(col(PublishTokenRow.identity_id) == identity_id))
    await session.execute(delete(PublisherIdentityRow).where(col(PublisherIdentityRow.id) == identity_id))
