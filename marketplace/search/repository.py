from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from kernel.db.pages import PageRequest, cursor_after
from kernel.errors import Invalid
from marketplace.package.ranges import read_range
from marketplace.search.models import FacetRow
from marketplace.search.query import Search
from marketplace.versions.models import PluginRow

_MOST_VALUES = 50
_LONGEST_NUMBER = 9
_KIND = "kind"


@dataclass(frozen=True, slots=True)
class FacetCount:
    facet: str
    value: str
    count: int


async def found_plugins(
    session: AsyncSession, search: Search, page: PageRequest
) -> tuple[Sequence[PluginRow], str | None]:
    """A page in the order that was asked for, and the cursor of the next one.

    Pages are counted: what is published meanwhile may move a plugin from one to the next.
    """
    start = _start(page)
    ids = (await session.execute(search.ids().offset(start).limit(page.limit + 1))).scalars().all()
    more = len(ids) > page.limit
    rows = (await session.execute(select(PluginRow).where(col(PluginRow.id).in_(ids[: page.limit])))).scalars()
    by_id = {row.id: row for row in rows}
    found = [by_id[each] for each in ids[: page.limit] if each in by_id]
    return found, cursor_after(str(start + page.limit)) if more else None


async def finds(session: AsyncSession, search: Search) -> bool:
    """Whether anything is found."""
    return (await session.execute(search.unordered().limit(1))).first() is not None


async def facet_counts(session: AsyncSession, search: Search) -> tuple[int, list[FacetCount]]:
    """How many plugins are found, and how many have each property; the commonest values of each facet.

    Of a facet that is narrowed by, the numbers are those of choosing another value of it instead.
    """
    counts = await _counts(session, search)
    total = sum(count.count for count in counts.get(_KIND, ()))  # each plugin is of one kind
    for facet in search.facets:
        others = {name: value for name, value in search.facets.items() if name != facet}
        counts |= await _counts(session, replace(search, facets=others), facet)
    return total, [count for facet in sorted(counts) for count in counts[facet][:_MOST_VALUES]]


async def _counts(session: AsyncSession, search: Search, facet: str | None = None) -> dict[str, list[FacetCount]]:
    """Of all facets or of one, the commonest first."""
    number = func.count().label("number")
    statement = (
        select(col(FacetRow.facet), col(FacetRow.value), number)
        .group_by(col(FacetRow.facet), col(FacetRow.value))
        .order_by(number.desc(), col(FacetRow.value))
    )
    if facet is not None:
        statement = statement.where(col(FacetRow.facet) == facet)
    # What is hidden has no properties: of everything, all are counted.
    if not search.is_open:
        statement = statement.where(col(FacetRow.plugin_id).in_(search.unordered()))
    found: dict[str, list[FacetCount]] = {}
    for name, value, count in (await session.execute(statement)).all():
        found.setdefault(name, []).append(FacetCount(name, value, count))
    return found


async def incompatible_ranges(session: AsyncSession, product_version: str) -> frozenset[str]:
    """What plugins ask for of this product and it does not give."""
    statement = select(col(PluginRow.requires)).where(col(PluginRow.requires).is_not(None)).distinct()
    asked = (await session.execute(statement)).scalars()
    return frozenset(text for text in asked if text is not None and not read_range(text).admits(product_version))


def _start(page: PageRequest) -> int:
    after = page.after
    if after is None:
        return 0
    if not after.isdecimal() or len(after) > _LONGEST_NUMBER:
        raise Invalid.field("cursor", "is not a cursor of this list", "Send the `next` of the page before")
    return int(after)


async def unindexed_codes(session: AsyncSession) -> Sequence[str]:
    """Plugins that can't be found: published before there was an index, or whose index was removed to be made anew."""
    statement = select(col(PluginRow.code)).where(
        col(PluginRow.is_hidden).is_(False), col(PluginRow.id).not_in(select(col(FacetRow.plugin_id)))
    )
    return (await session.execute(statement)).scalars().all()
