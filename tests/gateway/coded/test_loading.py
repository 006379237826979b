"""Which classes are served, and that a bad one keeps nothing else from starting."""

from importlib.metadata import EntryPoint
from typing import Any

import pytest
from pydantic import BaseModel

from gateway.coded import CodedCall, Component, Words
from gateway.coded.loading import GROUP, load_components


class Inputs(BaseModel):
    pass


class Good(Component[Inputs]):
    system = "report"
    name = "good"
    title = Words("Good", "好")
    inputs = Inputs

    async def handle(self, call: CodedCall[Inputs]) -> Any:
        return {}


class Abstract(Component[Inputs]):
    system = "report"
    name = "abstract"
    title = Words("a", "a")
    inputs = Inputs


class BadName(Good):
    system = "Bad System"


class BadInputs(Good):
    name = "bad_inputs"
    inputs = dict  # type: ignore[assignment]


class BadTitle(Good):
    name = "bad_title"
    title = "text"  # type: ignore[assignment]


class BadInvokes(Good):
    name = "bad_invokes"
    invokes = ("everything",)


class BadMethod(Good):
    name = "bad_method"
    method = "PUT"  # type: ignore[assignment]


class Crashing(Good):
    name = "crashing"

    def __init__(self) -> None:
        raise RuntimeError("no")


class SameAgain(Good):
    pass


def point(name: str) -> EntryPoint:
    return EntryPoint(name.lower(), f"{__name__}:{name}", GROUP)


def test_a_component_is_loaded() -> None:
    (component,) = load_components([point("Good")])
    assert (component.system, component.name, component.method, component.seconds) == ("report", "good", "POST", 30.0)


BAD = ("Abstract", "BadName", "BadInputs", "BadTitle", "BadInvokes", "BadMethod", "Crashing", "SameAgain", "Inputs")


@pytest.mark.parametrize("bad", [*BAD, "Missing"])
def test_a_bad_one_is_left_out_and_the_others_stay(bad: str) -> None:
    assert [component.name for component in load_components([point("Good"), point(bad)])] == ["good"]
