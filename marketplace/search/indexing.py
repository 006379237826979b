"""Keeping what is searched in step with what is published."""

from collections.abc import Iterable

from sqlalchemy import delete, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from marketplace.package.manifest import Manifest
from marketplace.search.models import FacetRow, SearchTermRow
from marketplace.search.terms import indexed_terms, plain_text

_CODE, _NAME, _TAG, _PUBLISHER, _DESCRIPTION, _README = 8, 6, 4, 3, 2, 1
_LONGEST_README = 8_000
"""Signs that are looked at: what a plugin is comes first, and its index stays small."""


async def index_plugin(
    session: AsyncSession, plugin_id: str, manifest: Manifest, readme: str, channels: Iterable[str]
) -> None:
    """Makes a plugin found by what its latest version says, and by the channels that offer one.

    Only what differs is written: most versions say of their plugin what the one before did.
    """
    texts = [*_texts(manifest), (plain_text(readme)[:_LONGEST_README], _README)]
    await _keep_terms(session, plugin_id, indexed_terms(texts))
    await _keep_facets(session, plugin_id, _facets(manifest) | {("channel", channel) for channel in channels})


async def forget_plugin(session: AsyncSession, plugin_id: str) -> None:
    """Has it found no more."""
    await session.execute(delete(SearchTermRow).where(col(SearchTermRow.plugin_id) == plugin_id))
    await session.execute(delete(FacetRow).where(col(FacetRow.plugin_id) == plugin_id))


async def _keep_terms(session: AsyncSession, plugin_id: str, wanted: dict[str, int]) -> None:
    term, mine = col(SearchTermRow.term), col(SearchTermRow.plugin_id) == plugin_id
    kept = {row[0]: row[1] for row in await session.execute(select(term, col(SearchTermRow.weight)).where(mine))}
    outdated = [word for word, weight in kept.items() if wanted.get(word) != weight]
    if outdated:
        await session.execute(delete(SearchTermRow).where(mine, term.in_(outdated)))
    new = sorted((word, weight) for word, weight in wanted.items() if kept.get(word) != weight)
    rows = [{"term": word, "plugin_id": plugin_id, "weight": weight} for word, weight in new]
    if rows:
        await session.execute(insert(SearchTermRow), rows)


async def _keep_facets(session: AsyncSession, plugin_id: str, wanted: set[tuple[str, str]]) -> None:
    facet, value, mine = col(FacetRow.facet), col(FacetRow.value), col(FacetRow.plugin_id) == plugin_id
    kept = {(row[0], row[1]) for row in await session.execute(select(facet, value).where(mine))}
    if kept - wanted:
        await session.execute(delete(FacetRow).where(mine, tuple_(facet, value).in_(sorted(kept - wanted))))
    rows = [{"facet": name, "value": one, "plugin_id": plugin_id} for name, one in sorted(wanted - kept)]
    if rows:
        await session.execute(insert(FacetRow), rows)


def _texts(manifest: Manifest) -> list[tuple[str, int]]:
    name, description = manifest.name, manifest.description
    texts = [(manifest.code, _CODE), (manifest.publisher, _PUBLISHER)]
    texts += [(text, _NAME) for text in (name.en, name.zh)]
    texts += [(text, _DESCRIPTION) for text in (description.en, description.zh)]
    return texts + [(tag, _TAG) for tag in manifest.tags]


def _facets(manifest: Manifest) -> set[tuple[str, str]]:
    systems = {component.split(".", 1)[0] for component in manifest.components()}
    return {
        ("kind", manifest.kind.value),
        ("publisher", manifest.publisher),
        *(("tag", tag) for tag in manifest.tags),
        *(("system", system) for system in systems),
        *(("scope", scope) for scope in manifest.scope_names()),
    }
