"""Answers that are kept, up to a bound of bytes; the least recently used go first."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

Headers = tuple[tuple[bytes, bytes], ...]
ValueOf = Callable[[bytes], bytes | None]
"""The value of a request header, by its name in lower case."""

_ENTRY_BYTES = 512
"""What an answer takes beside its bytes, roughly."""
_MOST_VARIANTS = 64


@dataclass(frozen=True, slots=True, eq=False)
class KeptAnswer:
    """``length`` is what an answer to HEAD announced. Times in seconds since 1970."""

    status: int
    headers: Headers
    body: bytes
    length: bytes | None
    since: float
    until: float

    @property
    def size(self) -> int:
        return len(self.body) + sum(len(name) + len(value) for name, value in self.headers) + _ENTRY_BYTES


class _Variants:
    """Answers to one request that differ by the request headers named in ``vary`` (RFC 9111 §4.1)."""

    __slots__ = ("by_values", "size", "vary")

    def __init__(self, vary: tuple[bytes, ...]) -> None:
        self.vary = vary
        self.by_values: OrderedDict[tuple[bytes | None, ...], KeptAnswer] = OrderedDict()
        self.size = 0

    def put(self, values: tuple[bytes | None, ...], answer: KeptAnswer) -> None:
        self.drop(values)
        if len(self.by_values) >= _MOST_VARIANTS:
            self.drop(next(iter(self.by_values)))
        self.by_values[values] = answer
        self.size += answer.size

    def drop(self, values: tuple[bytes | None, ...]) -> None:
        old = self.by_values.pop(values, None)
        if old is not None:
            self.size -= old.size


class AnswerStore:
    """Belongs to one event loop."""

    __slots__ = ("_kept", "_most", "size")

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._kept: OrderedDict[Hashable, _Variants] = OrderedDict()
        self.size = 0

    def find(self, key: Hashable, value_of: ValueOf, now: float) -> KeptAnswer | None:
        """The answer that is still fresh for a request with these headers."""
        variants = self._kept.get(key)
        if variants is None:
            return None
        found = variants.by_values.get(tuple(value_of(name) for name in variants.vary))
        if found is None or not found.since <= now < found.until:
            return None
        self._kept.move_to_end(key)
        return found

    def put(self, key: Hashable, vary: tuple[bytes, ...], value_of: ValueOf, answer: KeptAnswer) -> None:
        """Keeps an answer that depends on the headers named in `vary`; answers by another `vary` are forgotten."""
        if answer.size > self._most:
            return
        variants = self._kept.pop(key, None)
        if variants is not None:
            self.size -= variants.size
        if variants is None or variants.vary != vary:
            variants = _Variants(vary)
        variants.put(tuple(value_of(name) for name in vary), answer)
        self._kept[key] = variants
        self.size += variants.size
        while self.size > self._most:
            _, oldest = self._kept.popitem(last=False)
            self.size -= oldest.size
