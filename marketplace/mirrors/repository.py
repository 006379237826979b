from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from marketplace.mirrors.models import MirroredVersionRow, MirrorRow
from marketplace.versions.models import PluginVersionRow


async def all_mirrors(session: AsyncSession) -> Sequence[MirrorRow]:
    return (await session.execute(select(MirrorRow).order_by(col(MirrorRow.name)))).scalars().all()


async def find_mirror(session: AsyncSession, name: str, *, lock: bool = False) -> MirrorRow | None:
    return await session.get(MirrorRow, name, populate_existing=True, with_for_update=lock)


async def claim_due(session: AsyncSession, now: datetime, until: datetime) -> str | None:
    """Takes one whose round is due; until then nobody else takes it."""
    is_due = (col(MirrorRow.enabled).is_(True), col(MirrorRow.next_round_at) <= now)
    due = select(col(MirrorRow.name)).where(*is_due).order_by(col(MirrorRow.next_round_at)).limit(1)
    statement = update(MirrorRow).where(col(MirrorRow.name).in_(due), *is_due).values(next_round_at=until)
    statement = statement.returning(col(MirrorRow.name)).execution_options(synchronize_session=False)
    return (await session.execute(statement)).scalar_one_or_none()


async def any_due(session: AsyncSession, now: datetime) -> bool:
    """Asked often, and without a write."""
    statement = select(col(MirrorRow.name)).where(col(MirrorRow.enabled).is_(True), col(MirrorRow.next_round_at) <= now)
    return (await session.execute(statement.limit(1))).first() is not None


async def remove_mirror(session: AsyncSession, name: str) -> None:
    """What it took stays published."""
    await session.execute(delete(MirroredVersionRow).where(col(MirroredVersionRow.mirror) == name))
    await session.execute(delete(MirrorRow).where(col(MirrorRow.name) == name))


async def find_mirrored(session: AsyncSession, mirror: str, code: str, version: str) -> MirroredVersionRow | None:
    return await session.get(MirroredVersionRow, (mirror, code, version), populate_existing=True)


async def taken_among(session: AsyncSession, mirror: str, codes: Iterable[str]) -> set[tuple[str, str]]:
    """Codes and versions that a mirror brought, of these plugins."""
    row = MirroredVersionRow
    of_mirror = (col(row.mirror) == mirror, col(row.state) == "taken", col(row.plugin_code).in_(list(codes)))
    found = (await session.execute(select(col(row.plugin_code), col(row.version)).where(*of_mirror))).all()
    return {(each[0], each[1]) for each in found}


async def any_approved(session: AsyncSession, mirror: str) -> bool:
    """Whether a version that waited is published by now."""
    row, version = MirroredVersionRow, PluginVersionRow
    same = (col(version.plugin_code) == col(row.plugin_code), col(version.version) == col(row.version))
    statement = select(col(row.version)).join(version, and_(*same))
    statement = statement.where(col(row.mirror) == mirror, col(row.state) == "waiting").limit(1)
    return (await session.execute(statement)).first() is not None


async def newest_mirrored(session: AsyncSession, mirror: str, limit: int) -> Sequence[MirroredVersionRow]:
    """The last that something became of first."""
    row = MirroredVersionRow
    statement = select(row).where(col(row.mirror) == mirror)
    statement = statement.order_by(col(row.at).desc(), col(row.plugin_code), col(row.version).desc()).limit(limit)
    return (await session.execute(statement)).scalars().all()


async def counts_of(session: AsyncSession, mirror: str) -> dict[str, int]:
    """How many versions, by state."""
    state = col(MirroredVersionRow.state)
    statement = select(state, func.count()).where(col(MirroredVersionRow.mirror) == mirror).group_by(state)
    return {row[0]: row[1] for row in (await session.execute(statement)).all()}
