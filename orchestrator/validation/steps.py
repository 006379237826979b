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
from orchestrator.validation.wordings import (
    COMPUTES_NOTHING,
    KEY_WITHOUT_EVENT,
    NO_TITLE,
    TELLS_NOBODY,
    TIMER,
    TIMER_SECONDS,
    TIMER_UNTIL,
    UNREADABLE_EXPRESSION,
    WRONG_EVENT_NAME,
)

EVENT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,99}")


def check_steps(graph: Graph) -> Iterator[Problem]:
    """Timers tell a moment, events have names, expressions can be read."""
    for node in graph.flow.nodes:
        if isinstance(node, TimerNode):
            yield from _check_timer(node)
        if isinstance(node, WaitNode):
            yield from _check_event(node)
        if isinstance(node, NotifyNode) and not node.title:
            yield Problem.of("notify", NO_TITLE.at("title"), node.id)
        if isinstance(node, NotifyNode) and not (node.people or node.groups or node.launcher):
            yield Problem.of("notify", TELLS_NOBODY.at("people"), node.id)
        yield from _check_expressions(node)
        if isinstance(node, ExpressionNode) and not node.values:
            yield Problem.of("expression", COMPUTES_NOTHING.at("values"), node.id)


def _check_timer(node: TimerNode) -> Iterator[Problem]:
    if (node.seconds is None) == (node.until is None):
        yield Problem.of("timer", TIMER.at("seconds"), node.id)
        return
    if isinstance(node.seconds, str) and "$" not in node.seconds:
        yield Problem.of("timer", TIMER_SECONDS.at("seconds"), node.id)
    if node.until is not None and "$" not in node.until:
        try:
            zone = datetime.fromisoformat(node.until).tzinfo
        except ValueError:
            zone = None
        if zone is None:
            yield Problem.of("timer", TIMER_UNTIL.at("until", until=node.until), node.id)


def _check_event(node: WaitNode) -> Iterator[Problem]:
    if node.event and not EVENT_NAME.fullmatch(node.event):
        yield Problem.of("event", WRONG_EVENT_NAME.at("event", event=node.event), node.id)
    if node.key and not node.event:
        yield Problem.of("event", KEY_WITHOUT_EVENT.at("event"), node.id)


def _check_expressions(node: Node) -> Iterator[Problem]:
    for field, source in expressions(node):
        try:
            compile_condition(source)
        except ExpressionError as error:
            said = UNREADABLE_EXPRESSION.at(field, why=error.message, position=error.position + 1)
            yield Problem.of("expression", said, node.id)
