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
from marketplace.search.terms import searched_terms
from marketplace.versions.models import PluginRow, VersionStandingRow

_LAST = "\U0010ffff"


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
        statement: Select[Any] = select(col(PluginRow.id))
        matched = _matched(self.text)
        if matched is not None:
            statement = statement.join(matched, matched.c.plugin_code == col(PluginRow.code))
        statement = statement.where(*self._conditions())
        if self.sort is Sort.RELEVANCE and matched is not None:
            return statement.order_by(matched.c.score.desc(), col(PluginRow.id).desc())
        return _sorted(statement, self.sort)

    def codes(self) -> Select[str]:
        """In no order."""
        statement: Select[Any] = select(col(PluginRow.code)).where(*self._conditions())
        matched = _matched(self.text)
        if matched is not None:
            statement = statement.join(matched, matched.c.plugin_code == col(PluginRow.code))
        return statement

    def _conditions(self) -> Iterable[ColumnElement[bool]]:
        yield col(PluginRow.is_hidden).is_(False)
        if self.text.strip() and not searched_terms(self.text):
            yield false()
        for facet, value in sorted(self.facets.items()):
            has = select(col(FacetRow.plugin_code)).where(col(FacetRow.facet) == facet, col(FacetRow.value) == value)
            yield col(PluginRow.code).in_(has)
        if self.verified:
            yield col(PluginRow.publisher).in_(verified_names())
        if self.incompatible:
            requires = col(PluginRow.requires)
            yield requires.is_(None) | requires.not_in(sorted(self.incompatible))


def _matched(text: str) -> Subquery | None:
    """Plugins that every word leads to, with how well they fit; a whole word fits twice as well as its beginning."""
    words = searched_terms(text)
    if not words:
        return None
    by_word = union_all(*(_found_by(word) for word in words)).subquery()
    return (
        select(by_word.c.plugin_code, func.sum(by_word.c.score).label("score"))
        .group_by(by_word.c.plugin_code)
        .having(func.count() == len(words))
        .subquery()
    )


def _found_by(word: str) -> Select[str, int]:
    term, weight = col(SearchTermRow.term), col(SearchTermRow.weight)
    score = func.max(weight * case((term == word, 2), else_=1)).label("score")
    within = (term >= word, term < word + _LAST)
    code = col(SearchTermRow.plugin_code)
    return select(code, score).where(*within).group_by(code)


def _sorted(statement: Select[Any], sort: Sort) -> Select[Any]:
    newest = col(PluginRow.id).desc()
    if sort is Sort.NAME:
        return statement.order_by(col(PluginRow.code))
    if sort is Sort.UPDATED:
        return statement.order_by(col(PluginRow.updated_at).desc(), newest)
    if sort in _COUNTED:
        counted = _COUNTED[sort]()
        joined = statement.outerjoin(counted, counted.c.code == col(PluginRow.code))
        return joined.order_by(func.coalesce(counted.c.number, -1).desc(), newest)
    return statement.order_by(newest)


def _installs() -> Subquery:
    projects = func.count(func.distinct(InstallRow.project_id)).label("number")
    return select(col(InstallRow.plugin).label("code"), projects).group_by(col(InstallRow.plugin)).subquery()


def _downloads() -> Subquery:
    code = col(VersionStandingRow.plugin_code)
    number = func.sum(VersionStandingRow.downloads).label("number")
    return select(code.label("code"), number).group_by(code).subquery()


_COUNTED = {Sort.INSTALLS: _installs, Sort.DOWNLOADS: _downloads, Sort.SUCCESS: success_rates}
