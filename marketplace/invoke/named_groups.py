"""Groups of people that inputs name: looked up when a plugin runs, so that it tells who belongs to them then."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from kernel.contracts.notice_groups import NoticeGroups
from kernel.db.database import Database
from kernel.forms.formats import NOTICE_GROUP
from kernel.forms.schema import walk
from marketplace.invoke.errors import InvocationFailed

GROUP_PEOPLE: Final = "group_people"
"""Under which name of the context templates find the people of all groups that the inputs name."""


def asks_groups(schema: Mapping[str, Any]) -> bool:
    """Whether data of that schema may name a group."""
    return any(part.get("format") == NOTICE_GROUP for _, part in walk(schema))


def groups_named(schema: Mapping[str, Any], value: Any) -> Iterator[str]:
    """In members of objects, and in lists."""
    if isinstance(value, str):
        if schema.get("format") == NOTICE_GROUP:
            yield value
    elif isinstance(value, list):
        for item in value:
            yield from groups_named(_part(schema, "items"), item)
    elif isinstance(value, Mapping):
        members = _part(schema, "properties")
        for name, member in value.items():
            yield from groups_named(_part(members, name), member)


class GroupPeople:
    """Who belongs to groups of a project."""

    def __init__(self, database: Database, groups: NoticeGroups) -> None:
        self._database = database
        self._groups = groups

    async def joined(self, project_id: str, names: list[str], *, begun: bool) -> str:
        """User names with commas between, each once; empty without names.

        Args:
            begun: of a run that is under way, which a group that is gone since does not end.

        Raises:
            InvocationFailed: the project has no such group.
        """
        if not names:
            return ""
        async with self._database.reading() as session:
            found = await self._groups.people_of(session, project_id, frozenset(names))
        missing = [name for name in names if name not in found]
        if missing and not begun:
            raise InvocationFailed(f"the project has no notice group {', '.join(missing)}")
        return ",".join(dict.fromkeys(person for name in names for person in found.get(name, ())))


def _part(schema: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = schema.get(name)
    return part if isinstance(part, Mapping) else {}
