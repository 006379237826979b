"""What somebody looks for, as statements on the index."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, case, false, func, select, union_all
from sqlmodel import col

from marketplace.installs.models import InstallRow
from marketplace.publishers.marks import verified_names
from marketplace.runs.repository import success_rates
from marketplace.search.models import FacetRow, SearchTermRow
from marketplace.search.terms import LAST, code_in, searched_terms
from marketplace.versions.models import PluginRow, VersionStandingRow


class Sort(StrEnum):
    """RELEVANCE is NEWEST where no words are looked for."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    UPDATED = "updated"
    NAME = "name"
    INSTALLS = "installs"
    DOWNLOADS = "downloads"
    SUCCESS = "success"


@dataclass(frozen=True, slots=True)
class Search:
    """Attributes:
    facets: values a plugin must have, by facet.
    verified: only of publishers of whom it is proven who they are.
    incompatible: ranges of versions of this product that don't admit it; plugins that ask for one are left out.
    """

    text: str = ""
    facets: Mapping[str, str] = field(default_factory=dict)
    incompatible: frozenset[str] = frozenset()
    verified: bool = False
    sort: Sort = Sort.RELEVANCE

    @property
    def is_open(self) -> bool:
        """Whether everything is looked for."""
        return not (self.text.strip() or self.facets or self.incompatible or self.verified)

    def ids(self) -> Select[str]:
        """In order, the best first. Whole rows are read of one page only: sorting them costs more than finding them."""
        found = self._found()
        statement: Select[Any] = select(found.c.id)
        newest = found.c.id.desc()
        if self.sort is Sort.RELEVANCE and "score" in found.c:
            named = select(col(PluginRow.id)).where(col(PluginRow.code) == code_in(self.text)).scalar_subquery()
            return statement.order_by(case((found.c.id == named, 0), else_=1), found.c.score.desc(), newest)
        if self.sort in _COLUMNS:
            statement = statement.join(PluginRow, col(PluginRow.id) == found.c.id)
            return statement.order_by(_COLUMNS[self.sort], newest)
        if self.sort in _COUNTED:
            counted = _by_id(_COUNTED[self.sort]())
            statement = statement.outerjoin(counted, counted.c.id == found.c.id)
            return statement.order_by(func.coalesce(counted.c.number, -1).desc(), newest)
        return statement.order_by(newest)

    def unordered(self) -> Select[str]:
        """The ids of all that is found."""
        return select(self._found().c.id)

    def _found(self) -> Subquery:
        """Its `id`s, and where words are looked for the `score` of each.

        What is hidden has no words and no properties; where neither is looked for, plugins themselves are.
        """
        matched, facets = _matched(self.text), sorted(self.facets.items())
        statement: Select[Any]
        plugin: Any
        if matched is not None:
            plugin = matched.c.id
            statement = select(plugin, matched.c.score)
        elif facets:
            (facet, value), *facets = facets
            plugin = col(FacetRow.plugin_id)
            statement = select(plugin.label("id")).where(col(FacetRow.facet) == facet, col(FacetRow.value) == value)
        else:
            plugin = col(PluginRow.id)
            statement = select(plugin.label("id")).where(col(PluginRow.is_hidden).is_(False))
        conditions = [plugin.in_(_having(facet, value)) for facet, value in facets]
        return statement.where(*conditions, *self._conditions(plugin)).subquery()

    def _conditions(self, plugin: ColumnElement[str]) -> Iterable[ColumnElement[bool]]:
        if self.text.strip() and not searched_terms(self.text):
            yield false()
        if self.verified:
            yield plugin.in_(select(col(PluginRow.id)).where(col(PluginRow.publisher).in_(verified_names())))
        if self.incompatible:
            asking = col(PluginRow.requires).in_(sorted(self.incompatible))
            yield plugin.not_in(select(col(PluginRow.id)).where(asking))


def _having(facet: str, value: str) -> Select[str]:
    return select(col(FacetRow.plugin_id)).where(col(FacetRow.facet) == facet, col(FacetRow.value) == value)


def _matched(text: str) -> Subquery | None:
    """Plugins that every word leads to, with how well they fit; a whole word fits twice as well as its beginning."""
    words = searched_terms(text)
    if not words:
        return None
    if len(words) == 1:
        return _found_by(words[0]).subquery()
    by_word = union_all(*(_found_by(word) for word in words)).subquery()
    return (
        select(by_word.c.id, func.sum(by_word.c.score).label("score"))
        .group_by(by_word.c.id)
        .having(func.count() == len(words))
        .subquery()
    )


def _found_by(word: str) -> Select[str, int]:
    term, weight = col(SearchTermRow.term), col(SearchTermRow.weight)
    score = func.max(weight * case((term == word, 2), else_=1)).label("score")
    within = (term >= word, term < word + LAST)
    plugin = col(SearchTermRow.plugin_id)
    return select(plugin.label("id"), score).where(*within).group_by(plugin)


def _by_id(counted: Subquery) -> Subquery:
    """A `number` by the code of a plugin, by its `id`."""
    statement = select(col(PluginRow.id).label("id"), counted.c.number)
    return statement.join(counted, counted.c.code == col(PluginRow.code)).subquery()


def _installs() -> Subquery:
    projects = func.count(func.distinct(InstallRow.project_id)).label("number")
    return select(col(InstallRow.plugin).label("code"), projects).group_by(col(InstallRow.plugin)).subquery()


def _downloads() -> Subquery:
    code = col(VersionStandingRow.plugin_code)
    number = func.sum(VersionStandingRow.downloads).label("number")
    some = col(VersionStandingRow.downloads) > 0
    return select(code.label("code"), number).where(some).group_by(code).subquery()


_COLUMNS = {Sort.NAME: col(PluginRow.code), Sort.UPDATED: col(PluginRow.updated_at).desc()}
_COUNTED = {Sort.INSTALLS: _installs, Sort.DOWNLOADS: _downloads, Sort.SUCCESS: success_rates}
