"""The constants of a flow from the variables that nobody is asked for."""

from collections.abc import Mapping
from typing import Any

from orchestrator.flow.blueking.fields import field_of
from orchestrator.flow.blueking.forms import described
from orchestrator.flow.blueking.names import Names, bare, is_kept
from orchestrator.flow.blueking.report import Report
from orchestrator.flow.blueking.templates import Templates
from orchestrator.flow.constants import named_through, paths_of
from orchestrator.flow.model import Constant


def constants_of(constants: Mapping[str, Mapping[str, Any]], names: Names, report: Report) -> dict[str, Any]:
    """Name → constant, in their order."""
    kept = [constant for constant in constants.values() if is_kept(constant)]
    kept.sort(key=lambda constant: constant.get("index") or 0)
    templates = Templates(names, report)
    found = {bare(constant["key"]): _constant(constant, templates, report) for constant in kept}
    for constant in kept:
        if constant.get("pre_render_mako"):
            _work_out_once(constant, found, report)
    return found


def _work_out_once(constant: Mapping[str, Any], found: dict[str, Any], report: Report) -> None:
    name = bare(constant["key"])
    values = {each: Constant(written["value"]) for each, written in found.items()}
    if any(path[0] == "nodes" for path in named_through(paths_of(values[name]), values)):
        place = f"constants.{constant['key']}"
        report.note(place, "is worked out whenever it is named: what it names has no value at the start")
    else:
        found[name]["once"] = True


def _constant(constant: Mapping[str, Any], templates: Templates, report: Report) -> dict[str, Any]:
    place, name = f"constants.{constant['key']}", bare(constant["key"])
    field = field_of(constant, report)
    schema = described(constant, field)
    if schema.get("title") == name:
        del schema["title"]
    value = "" if field.value is None else templates.convert(field.value, f"{place}.value")
    return {"value": value, "schema": schema} if schema else {"value": value}
