"""What each kind of step needs of its own settings."""

import re
from collections.abc import Iterator
from datetime import datetime

from kernel.expressions.conditions import compile_condition
from kernel.expressions.errors import ExpressionError
from orchestrator.flow.graph import Graph
from orchestrator.flow.model import ExpressionNode, Node, NotifyNode, TimerNode, WaitNode
from orchestrator.flow.problems import Problem
from orchestrator.flow.texts import expressions

EVENT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,99}")


def check_steps(graph: Graph) -> Iterator[Problem]:
    """Timers tell a moment, events have names, expressions can be read."""
    for node in graph.flow.nodes:
        if isinstance(node, TimerNode):
            yield from _check_timer(node)
        if isinstance(node, WaitNode):
            yield from _check_event(node)
        if isinstance(node, NotifyNode) and not node.title:
            yield Problem("notify", "has no title", "write one", node.id, field="title")
        if isinstance(node, NotifyNode) and not (node.people or node.groups or node.launcher):
            yield Problem("notify", "tells nobody", "name people, groups or the launcher", node.id, field="people")
        yield from _check_expressions(node)
        if isinstance(node, ExpressionNode) and not node.values:
            yield Problem("expression", "computes nothing", "add a value, or remove the node", node.id, field="values")


def _check_timer(node: TimerNode) -> Iterator[Problem]:
    if (node.seconds is None) == (node.until is None):
        yield Problem("timer", "needs either seconds or until", "give one of the two", node.id, field="seconds")
        return
    if isinstance(node.seconds, str) and "$" not in node.seconds:
        yield Problem("timer", "seconds must be a number or a reference", "write 30 or ${…}", node.id, field="seconds")
    if node.until is not None and "$" not in node.until:
        try:
            zone = datetime.fromisoformat(node.until).tzinfo
        except ValueError:
            zone = None
        if zone is None:
            remedy = "write it as in 2030-01-31T09:00:00+08:00"
            yield Problem("timer", f"{node.until!r} is no date and time with a zone", remedy, node.id, field="until")


def _check_event(node: WaitNode) -> Iterator[Problem]:
    if node.event and not EVENT_NAME.fullmatch(node.event):
        remedy = "letters, digits, '_', '-' and '.', beginning with a letter, at most 100"
        yield Problem("event", f"{node.event!r} is no name of an event", remedy, node.id, field="event")
    if node.key and not node.event:
        yield Problem("event", "has a key and no event", "name the event", node.id, field="event")


def _check_expressions(node: Node) -> Iterator[Problem]:
    for field, source in expressions(node):
        try:
            compile_condition(source)
        except ExpressionError as error:
            problem = f"{error.message} (character {error.position + 1})"
            yield Problem("expression", problem, "write it in CEL", node.id, field=field)
