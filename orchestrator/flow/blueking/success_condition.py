"""The condition by which an HTTP request of Standard OPS succeeds: over `resp`, the answer's JSON."""

import re
from typing import Any

from orchestrator.flow.blueking.conditions import NotConverted, to_cel
from orchestrator.flow.blueking.names import Meaning, Names, Place
from orchestrator.flow.blueking.report import Report

_ANSWER = re.compile(r"""(?<![\w"'.$])resp((?:\.\w+|\[\d+\])*)(?!\w)""")


class _AnswerNames(Names):
    def meaning(self, name: str) -> Meaning:
        return Place(("resp",)) if name == "resp" else super().meaning(name)


def success_condition(given: Any, place: str, report: Report) -> Any:
    """In CEL; as it is, and reported, where it can't be read or holds a variable."""
    if not isinstance(given, str) or not given.strip():
        return given
    if "${" in given:
        report.open(place, "holds a variable: write the condition in CEL over resp and status_code", given, 0)
        return given
    try:
        return to_cel(_ANSWER.sub(r"${resp\1}", given), _AnswerNames({}))
    except NotConverted as error:
        report.open(place, f"can't be read: {error}", given, 0)
        return given
