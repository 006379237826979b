"""A JSON object that is taken apart and put together without reading its values: numbers of any size pass exactly."""

import json
from typing import Self

from gateway.wire.json_members import members_of


class RawObject:
    """Members by name; a value is its source text, or an object again where somebody went into it."""

    __slots__ = ("members",)

    def __init__(self, members: dict[str, "str | RawObject"]) -> None:
        self.members = members

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises ValueError unless the text is one JSON object whose names differ from each other."""
        members = members_of(text)
        by_name: dict[str, str | RawObject] = dict(members)
        if len(by_name) != len(members):
            raise ValueError("a name is given twice")
        return cls(by_name)

    def get(self, steps: tuple[str, ...]) -> str | None:
        """The source text of what stands there, ``None`` when nothing does; without steps the whole object's."""
        if not steps:
            return self.text()
        holder = self._holder(steps, create=False)
        value = holder.members.get(steps[-1]) if holder is not None else None
        return value.text() if isinstance(value, RawObject) else value

    def remove(self, steps: tuple[str, ...]) -> None:
        """Without steps everything."""
        if not steps:
            self.members.clear()
            return
        holder = self._holder(steps, create=False)
        if holder is not None:
            holder.members.pop(steps[-1], None)

    def remove_alike(self, steps: tuple[str, ...]) -> None:
        """The same whatever the case of the names: to some servers it doesn't matter."""
        if not steps:
            self.members.clear()
            return
        wanted, inner_steps = steps[0].casefold(), steps[1:]
        for name in [name for name in self.members if name.casefold() == wanted]:
            if not inner_steps:
                del self.members[name]
            elif (inner := self._inner(name)) is not None:
                inner.remove_alike(inner_steps)

    def put(self, steps: tuple[str, ...], raw: str) -> None:
        """Makes the objects on the way; raises ValueError when something else stands in it.

        Without steps the value is the whole object, and has to be one.
        """
        if not steps:
            self.members = type(self).read(raw).members
            return
        holder = self._holder(steps, create=True)
        if holder is None:
            raise ValueError("is no object on the way")
        holder.members[steps[-1]] = raw

    def text(self) -> str:
        parts = (
            f"{json.dumps(name)}:{value.text() if isinstance(value, RawObject) else value}"
            for name, value in self.members.items()
        )
        return f"{{{','.join(parts)}}}"

    def _holder(self, steps: tuple[str, ...], *, create: bool) -> "RawObject | None":
        holder = self
        for step in steps[:-1]:
            if create and step not in holder.members:
                holder.members[step] = RawObject({})
            inner = holder._inner(step)
            if inner is None:
                return None
            holder = inner
        return holder

    def _inner(self, name: str) -> "RawObject | None":
        """The object of that name, gone into."""
        value = self.members.get(name)
        if isinstance(value, str):
            if not value.startswith("{"):
                return None
            value = self.members[name] = RawObject.read(value)
        return value
