"""The query of a mapped call: what isn't mapped passes as it came."""

from collections.abc import Set as AbstractSet
from typing import Self
from urllib.parse import quote, unquote_plus

from gateway.wire.codes import INVALID_ARGS
from gateway.wire.refusal import Refusal


class MappedQuery:
    __slots__ = ("_pairs",)

    def __init__(self, pairs: list[tuple[str, str, str]]) -> None:
        self._pairs = pairs

    @classmethod
    def read(cls, query: str) -> Self:
        """Raises Refusal for a name or value that is no UTF-8."""
        pairs: list[tuple[str, str, str]] = []
        # A semicolon separates pairs to some servers: escaped, it is part of its value to all of them.
        for pair in query.replace(";", "%3B").split("&") if query else ():
            name, _, value = pair.partition("=")
            try:
                decoded = (unquote_plus(name, errors="strict"), unquote_plus(value, errors="strict"))
            except UnicodeDecodeError as problem:
                raise Refusal(INVALID_ARGS, "the query is not UTF-8") from problem
            pairs.append((*decoded, pair))
        return cls(pairs)

    def values(self, name: str) -> list[str] | None:
        return [value for given, value, _ in self._pairs if given == name] or None

    def remove(self, taken: AbstractSet[str], written: AbstractSet[str]) -> None:
        """``written`` in lower case: to some servers the case of a name doesn't matter."""
        self._pairs = [pair for pair in self._pairs if pair[0] not in taken and pair[0].lower() not in written]

    def add(self, name: str, texts: list[str], told: str) -> None:
        """Raises Refusal, telling the parameter as ``told``."""
        try:
            escaped = quote(name, safe="")
            self._pairs += [(name, text, f"{escaped}={quote(text, safe='')}") for text in texts]
        except UnicodeEncodeError as problem:
            raise Refusal(INVALID_ARGS, f"{told} is not valid text") from problem

    def text(self) -> str:
        return "&".join(pair for _, _, pair in self._pairs if pair)
