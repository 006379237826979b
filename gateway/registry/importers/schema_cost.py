"""How much work a schema makes of one value: parts that many refer to, which many refer to, multiply. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from kernel.forms.pointers import resolve_pointer
from kernel.forms.schema import subschemas

MOST_LOOKS = 10_000

_AT_THE_SAME_VALUE = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas"})


def looks_too_often(schema: Mapping[str, Any]) -> bool:
    """Whether some value is looked at by more than `MOST_LOOKS` schemas, references written out."""
    known: dict[int, int] = {}
    try:
        return any(_looks(schema, part, known) > MOST_LOOKS for part in _parts(schema))
    except RecursionError:
        return True


def _parts(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    pending: list[Any] = [schema]
    while pending:
        part = pending.pop()
        if isinstance(part, Mapping):
            yield part
            pending.extend(inner for _, inner in subschemas(part))


def _looks(root: Mapping[str, Any], part: object, known: dict[int, int]) -> int:
    """Each part is counted once; one that leads back to itself at the same value is not gone round."""
    if not isinstance(part, Mapping):
        return 1
    if id(part) in known:
        return known[id(part)]
    known[id(part)] = 1
    count = 1 + sum(
        _looks(root, inner, known) for (keyword, *_), inner in subschemas(part) if keyword in _AT_THE_SAME_VALUE
    )
    reference = part.get("$ref")
    if isinstance(reference, str):
        count += _looks(root, resolve_pointer(root, reference.removeprefix("#")), known)
    known[id(part)] = min(count, MOST_LOOKS + 1)
    return known[id(part)]
