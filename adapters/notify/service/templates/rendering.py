"""A template with its values put in: the kernel's closed grammar, nothing is evaluated."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from adapters.notify.service.content import BodyFormat, Content
from kernel.expressions.errors import ExpressionError
from kernel.expressions.interpolation import Reference, as_text, lookup, parse, references, render_path

Language = Literal["en", "zh"]
MAX_TITLE: Final = 512
MAX_TEXT: Final = 1_000_000
_LINE_ENDS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


class RenderingFailed(Exception):
    """A value is missing or the text would be too long; `place` is `title` or `content`."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(problem)
        self.place = place


@dataclass(frozen=True, slots=True)
class Text:
    title: str
    content: str

    def names(self) -> list[str]:
        """The values it needs, as they are written.

        Raises:
            ExpressionSyntaxError: outside the grammar.
        """
        return sorted(render_path(path) for path in references([self.title, self.content]))


def render(text: Text, body_format: BodyFormat, values: Mapping[str, Any]) -> Content:
    """Values are put in as they are, in HTML escaped; a title stays one line.

    Raises:
        RenderingFailed: a value is missing, or the text would be too long.
    """
    title = _LINE_ENDS.sub(" ", _filled("title", text.title, values, is_html=False)).strip()[:MAX_TITLE]
    content = _filled("content", text.content, values, is_html=body_format == "Html")
    if len(content) > MAX_TEXT:
        raise RenderingFailed("content", f"would be longer than {MAX_TEXT} characters")
    return Content(title, content, body_format)


def _filled(place: str, text: str, values: Mapping[str, Any], *, is_html: bool) -> str:
    parts = []
    try:
        for part in parse(text):
            if isinstance(part, Reference):
                value = as_text(lookup(part, values, text))
                parts.append(html.escape(value) if is_html else value)
            else:
                parts.append(part)
    except ExpressionError as error:
        raise RenderingFailed(place, error.message) from None
    return "".join(parts)
