"""Fields that take a secret: a form holds its name, never the secret itself."""

from collections.abc import Mapping
from typing import Any, Final

from kernel.errors import FieldProblem
from kernel.forms.pointers import dotted
from kernel.forms.schema import walk
from kernel.wording import Wordings

SECRET = "writeOnly"  # noqa: S105  JSON Schema's keyword (2020-12 validation §9.4)
_BESIDE = frozenset({"type", "title", "description", SECRET})
_PLACE_LENGTH = 2

SECRETS: Final = Wordings("secret_field")
_NOWHERE = SECRETS.add("place", "marks no field here", "Mark a text directly below properties")
_NO_TEXT = SECRETS.add("type", "must be string", "A secret is a text")
_NOT_SAID = SECRETS.add("keyword", "can't be said of a secret", "Leave it out")


def secret_fields(schema: Mapping[str, Any]) -> frozenset[str]:
    """The fields of an object that name a secret: its `writeOnly` properties."""
    return frozenset(
        name
        for name, part in schema.get("properties", {}).items()
        if isinstance(part, Mapping) and part.get(SECRET) is True
    )


def secret_problems(schema: Mapping[str, Any], at: str) -> list[FieldProblem]:
    """What is wrong with the fields of a sound schema that take secrets.

    They are texts directly below its properties, and nothing but their users fills them in: a schema that names a
    secret itself would reach for what nobody gave it.
    """
    problems: list[FieldProblem] = []
    for place, part in walk(schema):
        if part.get(SECRET) is not True:
            continue
        if len(place) != _PLACE_LENGTH or place[0] != "properties":
            problems.append(_NOWHERE.at(dotted(at, [*place, SECRET])))
        elif part.get("type") != "string":
            problems.append(_NO_TEXT.at(dotted(at, [*place, "type"])))
        else:
            problems += [_NOT_SAID.at(dotted(at, [*place, keyword])) for keyword in part if keyword not in _BESIDE]
    return problems
