"""Members of the upstream's JSON answer under other names; values keep every digit."""

import json

from gateway.dataplane.answer import Answer
from gateway.dataplane.call import Call
from gateway.policies.kinds.answer_rename import ITEMS, AnswerRename
from gateway.wire.json_members import items_of, members_of, object_of

_ENCODINGS = frozenset({b"accept-encoding"})


class _Branch:
    """Of the places below one member: new names of members, what is added, and the branches that go on."""

    __slots__ = ("added", "inner", "names")

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.added: dict[str, str] = {}
        self.inner: dict[str, _Branch] = {}

    def at(self, steps: list[str]) -> "_Branch":
        return self.inner.setdefault(steps[0], _Branch()).at(steps[1:]) if steps else self

    def renamed(self, text: str) -> str:
        """Raises ValueError for what is not JSON."""
        text = text.strip()
        items = self.inner.get(ITEMS)
        if text.startswith("[") and items is not None:
            return f"[{','.join(items.renamed(item) for item in items_of(text))}]"
        if not text.startswith("{"):
            return text
        members = [
            (name, self.inner[name].renamed(value) if name in self.inner else value) for name, value in members_of(text)
        ]
        taken = {self.names[name] for name, _ in members if name in self.names}
        kept = [
            (self.names.get(name, name), value) for name, value in members if name in self.names or name not in taken
        ]
        there = {name for name, _ in kept}
        return object_of([*kept, *(added for added in self.added.items() if added[0] not in there)])


def ask_uncompressed(call: Call) -> None:
    """A step of routes whose answers are read on the way back."""
    call.headers = call.headers.without(_ENCODINGS)


class RenameAnswer:
    """Refusals of the gateway's own stay as they are."""

    __slots__ = ("_root",)

    def __init__(self, policy: AnswerRename) -> None:
        self._root = _Branch()
        for place, name in policy.members.items():
            *way, last = place.split(".")
            self._root.at(way).names[last] = name
        for place, value in policy.adds.items():
            *way, last = place.split(".")
            self._root.at(way).added[last] = json.dumps(value)

    def __call__(self, call: Call, answer: Answer) -> None:  # noqa: ARG002 - the same for every call
        if answer.refusal is not None or not answer.body:
            return
        try:
            answer.body = self._root.renamed(answer.body.decode()).encode()
        except ValueError:
            return  # no JSON: it has no members
        answer.length = None
