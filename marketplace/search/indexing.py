"""Keeping what is searched in step with what is published."""

from collections.abc import Iterable

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from marketplace.package.manifest import Manifest
from marketplace.search.models import FacetRow, SearchTermRow
from marketplace.search.terms import indexed_terms, plain_text

_CODE, _NAME, _TAG, _PUBLISHER, _DESCRIPTION, _README = 8, 6, 4, 3, 2, 1
_LONGEST_README = 8_000
"""Signs that are looked at: what a plugin is comes first, and its index stays small."""


async def index_plugin(session: AsyncSession, manifest: Manifest, readme: str, channels: Iterable[str]) -> None:
    """Makes a plugin found by what its latest version says, and by the channels that offer one."""
    code = manifest.code
    await forget_plugin(session, code)
    terms = indexed_terms([*_texts(manifest), (plain_text(readme)[:_LONGEST_README], _README)])
    rows = [{"term": term, "plugin_code": code, "weight": weight} for term, weight in sorted(terms.items())]
    await session.execute(insert(SearchTermRow), rows)
    facets = sorted({*_facets(manifest), *(("channel", channel) for channel in channels)})
    await session.execute(
        insert(FacetRow), [{"facet": facet, "value": value, "plugin_code": code} for facet, value in facets]
    )


async def forget_plugin(session: AsyncSession, code: str) -> None:
    """Has it found no more."""
    await session.execute(delete(SearchTermRow).where(col(SearchTermRow.plugin_code) == code))
    await session.execute(delete(FacetRow).where(col(FacetRow.plugin_code) == code))


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
