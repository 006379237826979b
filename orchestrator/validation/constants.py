"""Constants of a flow: their names, values and descriptions."""

import re
from collections.abc import Iterator

from kernel.expressions.errors import ExpressionSyntaxError
from kernel.expressions.interpolation import references, render_path
from kernel.forms.data import validate_data
from kernel.forms.schema import schema_problems
from orchestrator.flow.constants import ROOT, named_through, paths_of
from orchestrator.flow.model import Constant, Flow
from orchestrator.flow.problems import Problem
from orchestrator.validation.wordings import CONSTANT_CIRCLE, CONSTANT_NAME, CONSTANT_ONCE, CONSTANT_SECRET

_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
_FIRST = 3
"""Problems of a value that are told."""


def check_constants(flow: Flow) -> Iterator[Problem]:
    """Names that can be named, values that fit what is said of them and lead to no circle."""
    for name, constant in flow.constants.items():
        place = f"{ROOT}.{name}"
        if not _NAME.fullmatch(name):
            yield Problem.of("constant_name", CONSTANT_NAME.at(place, name=name))
        yield from _check_schema(constant, place)
        if (ROOT, name) in _named(flow, name):
            yield Problem.of("constant_circle", CONSTANT_CIRCLE.at(f"{place}.value", name=name))
        if constant.once:
            yield from _check_once(flow, name, f"{place}.value")


def _check_schema(constant: Constant, place: str) -> Iterator[Problem]:
    """What is put together when it is named can't be compared before."""
    wrong = schema_problems(dict(constant.schema), f"{place}.schema")
    for found in wrong:
        yield Problem.of("constant_schema", found)
    try:
        is_fixed = not references(constant.value)
    except ExpressionSyntaxError:  # check_references reports it
        return
    if constant.schema.get("writeOnly") is True:
        yield Problem.of("constant_schema", CONSTANT_SECRET.at(f"{place}.schema.writeOnly"))
    if is_fixed and constant.schema and not wrong:
        for found in validate_data(constant.schema, constant.value, f"{place}.value")[:_FIRST]:
            yield Problem.of("constant_value", found, blocking=False)


def _named(flow: Flow, name: str) -> frozenset[tuple[str | int, ...]]:
    paths = named_through(paths_of(flow.constants[name]), flow.constants)
    return frozenset(path[:2] for path in paths)


def _check_once(flow: Flow, name: str, place: str) -> Iterator[Problem]:
    """At the start no node has run."""
    paths = named_through(paths_of(flow.constants[name]), flow.constants)
    for path in sorted((path for path in paths if path[0] == "nodes"), key=str):
        yield Problem.of("constant_once", CONSTANT_ONCE.at(place, written=render_path(path)))
