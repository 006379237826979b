"""What somebody looks for, as statements on the index."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, case, false, func, literal, select, union_all
from sqlmodel import col

from marketplace.installs.repository import projects_having
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
        newest = found.c.id.desc()
        if self.sort in _COUNTED:
            return _by_number(found, _COUNTED[self.sort]())
        statement: Select[Any] = select(found.c.id)
        if self.sort is Sort.RELEVANCE and searched_terms(self.text):
            named = select(col(PluginRow.id)).where(col(PluginRow.code) == code_in(self.text)).scalar_subquery()
            return statement.order_by(case((found.c.id == named, 0), else_=1), found.c.score.desc(), newest)
        if self.sort in _COLUMNS:
            statement = statement.join(PluginRow, col(PluginRow.id) == found.c.id)
            return statement.order_by(_COLUMNS[self.sort], newest)
        return statement.order_by(newest)

    def unordered(self) -> Select[str]:
        """The ids of all that is found."""
        return select(self._found().c.id)

    def _found(self) -> Subquery:
        """`id` and `score` of what is in every part.

        Parts are put below one another and counted. Joined, they depend on what the database knows of their sizes:
        PostgreSQL looked through one for each row of another, thousands of times, before it had counted them.
        """
        parts = list(self._parts()) or [_all()]
        found = parts[0].subquery()
        if len(parts) > 1:
            together = union_all(*parts).subquery()
            score = func.sum(together.c.score).label("score")
            in_all = func.count() == len(parts)
            found = select(together.c.id, score).group_by(together.c.id).having(in_all).subquery()
        return select(found.c.id, found.c.score).where(*self._conditions(found.c.id)).subquery()

    def _parts(self) -> Iterator[Select[str, int]]:
        """What is hidden has no words and no properties."""
        for word in searched_terms(self.text):
            yield _found_by(word)
        for facet, value in sorted(self.facets.items()):
            has = (col(FacetRow.facet) == facet, col(FacetRow.value) == value)
            yield select(col(FacetRow.plugin_id).label("id"), literal(0).label("score")).where(*has)
        if self.verified:
            yield _all().where(col(PluginRow.publisher).in_(verified_names()))

    def _conditions(self, plugin: ColumnElement[str]) -> Iterator[ColumnElement[bool]]:
        if self.text.strip() and not searched_terms(self.text):
            yield false()
        if self.incompatible:
            asking = col(PluginRow.requires).in_(sorted(self.incompatible))
            yield plugin.not_in(select(col(PluginRow.id)).where(asking))


def _all() -> Select[str, int]:
    plugin = col(PluginRow.id)
    return select(plugin.label("id"), literal(0).label("score")).where(col(PluginRow.is_hidden).is_(False))


def _found_by(word: str) -> Select[str, int]:
    """A whole word fits twice as well as its beginning."""
    term, weight = col(SearchTermRow.term), col(SearchTermRow.weight)
    score = func.max(weight * case((term == word, 2), else_=1)).label("score")
    within = (term >= word, term < word + LAST)
    plugin = col(SearchTermRow.plugin_id)
    return select(plugin.label("id"), score).where(*within).group_by(plugin)


def _by_number(found: Subquery, counted: Subquery) -> Select[str]:
    """What is found, by a `number` that plugins have by their `code`, the highest first; what has none comes last."""
    plugin = col(PluginRow.id)
    has: Select[Any] = select(plugin.label("id"), counted.c.number, literal(0).label("found"))
    has = has.join(counted, counted.c.code == col(PluginRow.code))
    lacks = select(found.c.id, literal(-1).label("number"), literal(1).label("found"))
    both = union_all(lacks, has).subquery()
    statement: Select[Any] = select(both.c.id).group_by(both.c.id).having(func.sum(both.c.found) > 0)
    return statement.order_by(func.max(both.c.number).desc(), both.c.id.desc())


def _downloads() -> Subquery:
    code = col(VersionStandingRow.plugin_code)
    number = func.sum(VersionStandingRow.downloads).label("number")
    some = col(VersionStandingRow.downloads) > 0
    return select(code.label("code"), number).where(some).group_by(code).subquery()


_COLUMNS = {Sort.NAME: col(PluginRow.code), Sort.UPDATED: col(PluginRow.updated_at).desc()}
_COUNTED = {Sort.INSTALLS: projects_having, Sort.DOWNLOADS: _downloads, Sort.SUCCESS: success_rates}
