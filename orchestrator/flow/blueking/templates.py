"""Texts with ``${…}`` in Mako's manner as texts in ours."""

import re
from typing import Any

from orchestrator.flow.blueking.inner_paths import NoSuchMember
from orchestrator.flow.blueking.names import Names, Place, Unknown
from orchestrator.flow.blueking.report import Report

_SNIPPET = re.compile(r"\$\{([^${}#]+)\}")
"""As BlueKing finds them: without braces inside."""
_PATH = re.compile(r"\s*(_system\.\w+|\w+)((?:\.\w+|\[\d+\]|\[\"[^\"]*\"\]|\['[^']*'\])*)\s*")
_LITERAL = "$${"


class Templates:
    """Converts texts of one tree."""

    def __init__(self, names: Names, report: Report) -> None:
        self._names = names
        self._report = report

    def convert(self, value: Any, place: str) -> Any:
        """A value with every text in it converted; what can't be is reported, and stays as the text it was."""
        if isinstance(value, str):
            return self._text(value, place)
        if isinstance(value, dict):
            return {key: self.convert(item, f"{place}.{key}") for key, item in value.items()}
        if isinstance(value, list):
            return [self.convert(item, f"{place}[{index}]") for index, item in enumerate(value)]
        return value

    def literal(self, value: Any) -> Any:
        """A value in which ``${`` means nothing."""
        if isinstance(value, str):
            return value.replace("${", _LITERAL)
        if isinstance(value, dict):
            return {key: self.literal(item) for key, item in value.items()}
        return [self.literal(item) for item in value] if isinstance(value, list) else value

    def _text(self, text: str, place: str) -> Any:
        whole = _SNIPPET.fullmatch(text)
        if whole is not None:
            return self._snippet(whole, text, place)
        parts: list[str] = []
        position = 0
        for found in _SNIPPET.finditer(text):
            parts.append(self.literal(text[position : found.start()]))
            inner = self._snippet(found, text, place)
            parts.append(inner if isinstance(inner, str) else str(inner))
            position = found.end()
        parts.append(self.literal(text[position:]))
        return "".join(parts)

    def _snippet(self, found: re.Match[str], text: str, place: str) -> Any:
        path = _PATH.fullmatch(found.group(1))
        if path is None:
            self._report.open(place, "is an expression: compute it in an expression node", text, found.start())
            return self.literal(found.group())
        name, rest = path.groups()
        match self._names.meaning(name):
            case Place() as meant:
                try:
                    return f"${{{meant.template()}{self._names.member(name, rest)}}}"
                except NoSuchMember as error:
                    self._report.open(place, str(error), text, found.start())
            case Unknown(reason):
                self._report.open(place, reason, text, found.start())
        return self.literal(found.group())
