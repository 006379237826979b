"""How an address of Standard OPS is answered: by which component, asked what, and in what shape."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kernel.errors import Invalid
from marketplace.form_data.address import SiteAddress

Shape = Callable[[list[Any], Mapping[str, str]], Any]
"""From the items of all pages, and what stands in the address, to what a form gets as `data`."""


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number that stands in the address."""

    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text that stands in the address."""

    name: str


@dataclass(frozen=True, slots=True)
class Pages:
    """How a component answers page by page.

    Attributes:
        within: the object that holds start and size; empty where they stand beside the other parameters.
        size: most items of a page.
    """

    within: str
    start: str
    length: str
    size: int


@dataclass(frozen=True, slots=True)
class Question:
    """Attributes:
    path: the address below the site; the last segments may be `{names}`.
    component: `system.component`; empty where the answer is the same everywhere.
    body: with `Number` and `Text` where something of the address stands.
    items: where the list stands in the component's `data`; empty where `data` is the list.
    """

    path: str
    component: str
    body: Mapping[str, Any]
    shape: Shape
    items: str = ""
    pages: Pages | None = None

    @property
    def literal(self) -> tuple[str, ...]:
        return tuple(part for part in self.path.split("/") if part and not part.startswith("{"))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))


class QuestionTable:
    def __init__(self, questions: tuple[Question, ...]) -> None:
        self._questions = questions
        self._by_place = {(question.literal, len(question.names)): question for question in questions}

    def components_in(self, script: str) -> list[str]:
        """Those that answer addresses which stand in a form's text, as far as they stand there in one piece."""
        found = {one.component for one in self._questions if f"{'/'.join(one.literal)}/" in script}
        return sorted(found - {""})

    def find(self, address: SiteAddress) -> tuple[Question, Mapping[str, str]] | None:
        """The question of an address, with everything that stands in the address by its name."""
        segments = address.segments
        for length in range(len(segments), 0, -1):
            question = self._by_place.get((segments[:length], len(segments) - length))
            if question is not None:
                return question, {**address.query, **dict(zip(question.names, segments[length:], strict=True))}
        return None


def filled(body: Any, given: Mapping[str, str]) -> Any:
    """The body with what stands in the address.

    Raises:
        Invalid: a number is none, or is missing.
    """
    if isinstance(body, Number):
        text = given.get(body.name, "")
        if not text.isascii() or not text.isdecimal() or len(text) > len(str(2**31)):
            raise Invalid.field("url", f"{body.name} is {text[:50]!r}", "Put a whole number there")
        return int(text)
    if isinstance(body, Text):
        return given.get(body.name, "")
    if isinstance(body, Mapping):
        return {name: filled(part, given) for name, part in body.items()}
    return [filled(part, given) for part in body] if isinstance(body, list) else body
