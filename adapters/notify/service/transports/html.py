"""HTML of callers: made safe for mail readers, and read as plain text."""

from html.parser import HTMLParser
from typing import Final

import nh3

_LAYOUT: Final = {"align", "valign", "width", "height", "bgcolor", "border", "cellpadding", "cellspacing"}
_ATTRIBUTES: Final = {
    "*": {"style", "class", "title", "dir", "lang", *_LAYOUT},
    "a": {"href", "name"},
    "img": {"src", "alt"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
    "font": {"color", "face", "size"},
}
_TAGS: Final = nh3.ALLOWED_TAGS | {"font"}
_STYLES: Final = frozenset(
    [
        *("background-color", "border", "border-bottom", "border-collapse", "border-color", "border-left"),
        *("border-radius", "border-right", "border-spacing", "border-style", "border-top", "border-width", "color"),
        *("display", "font", "font-family", "font-size", "font-style", "font-weight", "height", "letter-spacing"),
        *("line-height", "list-style-type", "margin", "margin-bottom", "margin-left", "margin-right", "margin-top"),
        *("max-width", "min-width", "overflow-wrap", "padding", "padding-bottom", "padding-left", "padding-right"),
        *("padding-top", "text-align", "text-decoration", "text-indent", "text-transform", "vertical-align"),
        *("white-space", "width", "word-break"),
    ]
)
"""What lays text out; nothing that loads, covers or moves anything."""


def safe_html(html: str) -> str:
    """The same without scripts, forms, frames, handlers, foreign style sheets and addresses other than of web, mail,
    phone, and images that the mail itself brings along (`cid:`).
    """
    return nh3.clean(
        html,
        tags=set(_TAGS),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        filter_style_properties=set(_STYLES),
    )


class _TextOnly(HTMLParser):
    _BREAKS = frozenset({"p", "br", "div", "tr", "li", "h1", "h2", "h3", "h4", "table", "pre"})
    _SILENT = frozenset({"script", "style", "head"})

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  its signature
        if tag in self._SILENT:
            self._silent += 1
        if tag in self._BREAKS:
            self.parts.append("\n")
        elif tag in {"td", "th"}:
            self.parts.append("\t")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._SILENT:
            self._silent = max(0, self._silent - 1)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)


def plain_text(html: str) -> str:
    """What of an HTML text is read by those who see no HTML."""
    reader = _TextOnly()
    reader.feed(html)
    reader.close()
    lines = (line.strip() for line in "".join(reader.parts).splitlines())
    return "\n".join(line for line in lines if line) + "\n"
