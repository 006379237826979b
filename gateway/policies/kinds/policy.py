"""What all kinds of policies have in common."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from kernel.errors import FieldProblem
from kernel.shape_problems import shape_problem


class Level(StrEnum):
    """Where a policy stands, the most general place first; at an app it holds for all the app's calls."""

    SYSTEM = "system"
    STAGE = "stage"
    COMPONENT = "component"
    APP = "app"


PLACES = frozenset({Level.SYSTEM, Level.STAGE, Level.COMPONENT})
"""Of what is called, as opposed to who calls."""


class Config(BaseModel):
    """The configuration of a kind: immutable, nothing is coerced, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    def misplaced(self, level: Level) -> str | None:  # noqa: ARG002 - for kinds that mean less at some level
        """What is wrong with this configuration at `level`; most may stand wherever their kind may."""
        return None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of policy.

    Attributes:
        summary: one sentence for people who choose among kinds.
        levels: where it may stand.
        is_cumulative: it holds at every place where it stands; of other kinds the most specific place's alone holds.
    """

    name: str
    summary: str
    config: type[Config]
    levels: frozenset[Level] = PLACES
    is_cumulative: bool = False

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema (2020-12) of the configuration."""
        return self.config.model_json_schema()


@dataclass(frozen=True, slots=True)
class Policy:
    kind: str
    config: Config

    def to_document(self) -> dict[str, Any]:
        """As it stands in the API, in releases and in shards: only what was set."""
        return {"kind": self.kind, "config": self.config.model_dump(mode="json", exclude_unset=True)}


class PolicyError(ValueError):
    """Policies that can't be taken; nothing is done with any of them. Each problem says where:
    `0.config.rates.__default.0.tokens`.
    """

    def __init__(self, problems: tuple[FieldProblem, ...]) -> None:
        super().__init__("; ".join(f"{each.field}: {each.problem}" for each in problems))
        self.problems = problems


def read_config(kind: Kind, document: object, field: str = "config") -> Config:
    """The configuration of `kind` from JSON; raises PolicyError with the path of each wrong member below `field`."""
    try:
        # By way of JSON, since only there a list is a tuple and nothing else is coerced.
        return kind.config.model_validate_json(json.dumps(document))
    except ValidationError as error:
        raise PolicyError(tuple(_problems(error, field))) from None
    except (TypeError, ValueError, RecursionError):
        raise PolicyError((FieldProblem(field, "is not JSON"),)) from None


def _problems(error: ValidationError, field: str) -> Iterator[FieldProblem]:
    errors = error.errors(include_url=False, include_input=False)
    places = [each["loc"] for each in errors]
    for each in errors:
        own = each["loc"]
        if each["type"] == "too_short" and any(place[: len(own)] == own and place != own for place in places):
            continue  # too short only because the members were refused, which is told already
        parts = [str(part) for part in each["loc"] if part != "[key]"]
        yield shape_problem(".".join([field, *parts]), each["type"], each["msg"], each.get("ctx"))
