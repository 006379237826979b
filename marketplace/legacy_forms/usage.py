"""What a function of a form uses, read from its text. Good enough to tell people what to expect; it guards nothing."""

import re
from typing import Final

from marketplace.legacy_forms.vocabulary import INSTANCE

# Comments and texts of all three kinds. Each begins where the one before ended and takes what is left when it isn't
# closed, so reading takes linear time. Regular expressions are taken for divisions.
_TOKEN: Final = re.compile(
    r"//[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/|$)"
    r"|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|`(?:\\.|[^`\\])*(?:`|$)",
    re.DOTALL,
)
_PAGE: Final = re.compile(
    r"(?<![\w.$])(?:document|localStorage|sessionStorage|navigator|XMLHttpRequest|fetch|WebSocket"
    r"|importScripts|postMessage)(?=\s*[.(\[])"
    r"|\bnew\s+(?:XMLHttpRequest|WebSocket|Image|Worker)\b"
    r"|\bwindow\s*\.\s*(?:document|parent|top|addEventListener|localStorage|history|frames)\b"
    r"|(?<![\w.$])(?:\$|jQuery)\s*\(|\bthis\s*\.\s*\$\w+"
)
_INSTANCE: Final = re.compile(r"\.\s*(" + "|".join(sorted(INSTANCE, key=len, reverse=True)) + r")\b")
_CONTEXT: Final = re.compile(r"\$\s*\.\s*context\s*\.\s*(\w+)(?:\s*\(\s*['\"](\w+)['\"])?")
_REQUEST: Final = re.compile(r"(?<![\w$])(?:\$|jQuery)\s*\.\s*(ajax|get|getJSON|post)\s*\(")
_GLOBAL: Final = re.compile(
    r"(?<![\w.$])(gettext|show_msg|getCookie|alert|setTimeout|setInterval)\s*\(|\b(window\.open)\b"
)
_WRITTEN: Final = re.compile(r"\.\s*(items|columns|hidden|disabled|remote_url|table_buttons|placeholder)\b")


def uses_of(source: str) -> tuple[str, ...]:
    """What it uses, named and sorted: `context.getBkBizId`, `instance.hide`, `page.document`, `request.ajax`."""
    spoken = _TOKEN.sub(lambda found: "" if found.group().startswith("/") else found.group(), source)
    bare = _TOKEN.sub(lambda found: "" if found.group().startswith("/") else "''", source)
    found = {f"page.{_named(match.group())}" for match in _PAGE.finditer(bare)}
    found |= {f"instance.{match.group(1)}" for match in _INSTANCE.finditer(bare)}
    found |= {f"request.{match.group(1)}" for match in _REQUEST.finditer(bare)}
    found |= {f"global.{match.group(1) or match.group(2)}" for match in _GLOBAL.finditer(bare)}
    found |= {f"state.{match.group(1)}" for match in _WRITTEN.finditer(bare)}
    found |= {f"context.{match.group(1)}" for match in _CONTEXT.finditer(spoken)}
    return tuple(sorted(found))


def needs_page(uses: tuple[str, ...]) -> bool:
    """Whether a page is needed, which a sandbox doesn't have."""
    return any(use.startswith("page.") for use in uses)


def _named(text: str) -> str:
    return re.sub(r"\s|\($", "", text).removeprefix("new")
