"""YAML as authors mean it: the JSON types only, each name once, no aliases, bounded while it is built.

The document is built from what the parser meets, one event after the other: a tree of nodes in between, as the library
makes it, takes most of the time a package is read in, and goes as deep into the stack as the text does.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol

import yaml

from marketplace.package.errors import PackageRefused
from marketplace.package.limits import MANIFEST

_MAX_DEPTH = 40
_MAX_EVENTS = 50_000
_PREFIX: Final = "tag:yaml.org,2002:"
_BOOLS: Final = {"true": True, "false": False}
_NO_NAME: Final = object()


def _whole(text: str) -> int:
    return int(text, 10)


def _truth(text: str) -> bool:
    return _BOOLS[text.lower()]


def _nothing(_text: str) -> None:
    return None


_Reads = Callable[[str], Any]
_NULL: Final = (re.compile(r"~|null|Null|NULL|"), _nothing)
_BOOL: Final = (re.compile(r"true|True|TRUE|false|False|FALSE"), _truth)
_INT: Final = (re.compile(r"[-+]?[0-9]+"), _whole)
_FLOAT: Final = (re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"), float)
_PLAIN: Final[Mapping[str, tuple[tuple[re.Pattern[str], _Reads], ...]]] = {
    **dict.fromkeys(["", "~", "n", "N"], (_NULL,)),
    **dict.fromkeys("tTfF", (_BOOL,)),
    **dict.fromkeys("-+0123456789", (_INT, _FLOAT)),
    ".": (_FLOAT,),
}
"""What a text without quotes may be besides a text, by its first sign. YAML 1.2's core schema: `no` is a text,
`2026-01-01` is a text, `010` is ten.
"""
_TAGGED: Final[Mapping[str, _Reads]] = {
    f"{_PREFIX}str": str,
    f"{_PREFIX}int": _whole,
    f"{_PREFIX}float": float,
    f"{_PREFIX}bool": _truth,
    f"{_PREFIX}null": _nothing,
}


def read_yaml(text: bytes, at: str = MANIFEST) -> Any:
    """The document as JSON types; None where there is none.

    Raises:
        PackageRefused: with the line where reading stopped.
    """
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PackageRefused.one(at, f"is not UTF-8 at byte {error.start}", "Save it as UTF-8") from error
    try:
        return _Document(at).built_from(yaml.parse(decoded, Loader=yaml.CSafeLoader))
    except yaml.MarkedYAMLError as error:
        raise PackageRefused.one(_line(at, error.problem_mark), error.problem or "can't be read", "") from error
    except (yaml.YAMLError, LookupError, ValueError) as error:
        # A text need not be what the tag says that stands before it (`!!bool x`).
        raise PackageRefused.one(at, f"can't be read: {str(error).partition(chr(10))[0][:200]}", "") from error


class _Document:
    """What stands open is a stack of lists and objects; of an object also the name whose value comes next."""

    def __init__(self, at: str) -> None:
        self._at = at
        self._root: list[Any] = []
        self._open: list[Any] = [self._root]
        self._names: list[Any] = [_NO_NAME]

    def built_from(self, events: Iterable[yaml.Event]) -> Any:
        documents = 0
        for count, event in enumerate(events):
            if isinstance(event, yaml.NodeEvent):
                self._take(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._open.pop()
                self._names.pop()
            elif isinstance(event, yaml.DocumentStartEvent):
                documents += 1
            if documents > 1:
                raise self._refusal(event, "begins a second document", "Keep the first only")
            if len(self._open) > _MAX_DEPTH + 1 or count > _MAX_EVENTS:
                raise self._refusal(event, "is too deep or too long", "Make it smaller")
        return self._root[0] if self._root else None

    def _take(self, event: yaml.NodeEvent) -> None:
        if event.anchor is not None:
            raise self._refusal(event, "has an alias or anchor", "Write the value out")
        if isinstance(event, yaml.ScalarEvent):
            self._put(self._scalar(event), event)
            return
        is_object = isinstance(event, yaml.MappingStartEvent)
        tag = getattr(event, "tag", None)
        if tag not in (None, "!", f"{_PREFIX}map" if is_object else f"{_PREFIX}seq"):
            raise self._unknown(tag, event)
        part: Any = {} if is_object else []
        self._put(part, event)
        self._open.append(part)
        self._names.append(_NO_NAME)

    def _put(self, value: Any, event: yaml.Event) -> None:
        part = self._open[-1]
        if isinstance(part, list):
            part.append(value)
            return
        name = self._names[-1]
        if name is not _NO_NAME:
            part[name] = value
            self._names[-1] = _NO_NAME
            return
        if not isinstance(value, str):
            raise self._refusal(event, "a name must be a text")
        if value in part:
            raise self._refusal(event, f"{value!r} stands twice")
        self._names[-1] = value

    def _scalar(self, event: yaml.ScalarEvent) -> Any:
        text: str = event.value
        tag = event.tag
        if tag is not None and tag != "!":
            reads = _TAGGED.get(tag)
            if reads is None:
                raise self._unknown(tag, event)
            return reads(text)
        if event.implicit[0]:
            for pattern, reads in _PLAIN.get(text[:1], ()):
                if pattern.fullmatch(text):
                    return reads(text)
        return text

    def _unknown(self, tag: Any, event: yaml.Event) -> PackageRefused:
        return self._refusal(event, f"the tag {tag!r} stands for nothing here")

    def _refusal(self, event: yaml.Event, problem: str, remedy: str = "") -> PackageRefused:
        return PackageRefused.one(_line(self._at, event.start_mark), problem, remedy)


class _Mark(Protocol):
    @property
    def line(self) -> int: ...


def _line(at: str, mark: _Mark | None) -> str:
    return f"{at} line {mark.line + 1}" if mark is not None else at
