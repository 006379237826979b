"""Node ↔ JSON: what every node has, what every step has, and the fields of each kind."""

from collections.abc import Callable
from typing import Any

from orchestrator.flow.model import (
    ActingNode,
    DecisionNode,
    ExpressionNode,
    Lock,
    MapNode,
    Mock,
    Node,
    NodeKind,
    NotifyNode,
    OnFailure,
    PluginNode,
    Retry,
    StepNode,
    SubflowNode,
    Timeout,
    TimeoutAction,
    TimerNode,
    WaitNode,
)
from orchestrator.flow.problems import Problem
from orchestrator.flow.reading import MAX_TEXT, MAX_USERNAME, Members, members_of, named

_KINDS = {kind.value: kind for kind in NodeKind}
MAX_RETRIES = 100
MAX_APPROVERS = 100
MAX_RECEIVERS = 100
MAX_TYPES = 20
MAX_SECONDS = 86_400.0
MAX_PARALLEL = 1_000
MAX_LOCK_LIMIT = 1_000
_CALLED = frozenset({"flow", "revision", "inputs", "executor"})
_COMMON = frozenset({"id", "kind", "name"})
_STEP = frozenset({"retryable", "skippable", "optional", "retry", "timeout", "on_failure", "lock"})


def read_node(item: object, at: str, problems: list[Problem]) -> Node | None:
    """A node, or none when its kind cannot be told."""
    source = members_of(item, at, problems)
    if source is None:
        return None
    given = source.source.get("kind")
    kind = _KINDS.get(given) if isinstance(given, str) else None
    if kind is None:
        found = "is missing" if given is None else f"{given!r} is no kind of node"
        source.wrong("kind", found, f"one of {', '.join(_KINDS)}")
        return None
    identifier, name = source.text("id"), source.text("name", default="")
    reader = _READERS.get(kind)
    if reader is None:
        source.only(_COMMON)
        return Node(identifier, kind, name)
    members, read = reader
    source.only(members)
    return read(source, {"id": identifier, "kind": kind, "name": name, **_read_step(source, kind)})


def write_node(node: Node) -> dict[str, Any]:
    """The JSON object ``read_node`` reads back to an equal node."""
    written: dict[str, Any] = {"id": node.id, "kind": node.kind.value}
    if node.name:
        written["name"] = node.name
    written |= _write_own(node)
    if isinstance(node, StepNode):
        written |= _write_step(node)
    return written


def _read_step(source: Members, kind: NodeKind) -> dict[str, Any]:
    return {
        "retryable": source.flag("retryable", default=True),
        # Whoever may skip an approval needs none.
        "skippable": source.flag("skippable", default=kind is not NodeKind.APPROVAL),
        "optional": source.flag("optional", default=False),
        "retry": _read_retry(source) if source.has("retry") else None,
        "timeout": _read_timeout(source) if source.has("timeout") else None,
        "on_failure": source.choice("on_failure", OnFailure, OnFailure.STOP),
        "lock": _read_lock(source) if source.has("lock") else None,
    }


def _read_retry(step: Members) -> Retry | None:
    source = step.members("retry", ("times", "interval", "factor"))
    if source is None:
        return None
    return Retry(
        source.whole("times", least=1, most=MAX_RETRIES),
        source.number("interval", least=0, most=MAX_SECONDS, default=0.0),
        source.number("factor", least=1, most=10, default=1.0),
    )


def _read_timeout(step: Members) -> Timeout | None:
    source = step.members("timeout", ("seconds", "action"))
    if source is None:
        return None
    action = source.choice("action", TimeoutAction, TimeoutAction.FAIL)
    return Timeout(source.number("seconds", least=0.001, most=366 * MAX_SECONDS), action)


def _read_lock(step: Members) -> Lock | None:
    source = step.members("lock", ("key", "limit"))
    if source is None:
        return None
    return Lock(source.text("key"), source.whole("limit", least=1, most=MAX_LOCK_LIMIT, default=1))


def _write_step(node: StepNode) -> dict[str, Any]:
    written: dict[str, Any] = {"retryable": node.retryable, "skippable": node.skippable}
    if node.optional:
        written["optional"] = True
    if node.retry is not None:
        written["retry"] = {"times": node.retry.times, "interval": node.retry.interval, "factor": node.retry.factor}
    if node.timeout is not None:
        written["timeout"] = {"seconds": node.timeout.seconds, "action": node.timeout.action.value}
    if node.on_failure is not OnFailure.STOP:
        written["on_failure"] = node.on_failure.value
    if node.lock is not None:
        written["lock"] = {"key": node.lock.key, "limit": node.lock.limit}
    return written


def _read_plugin(source: Members, common: dict[str, Any]) -> Node:
    return PluginNode(
        plugin=source.text("plugin"),
        version=source.text("version"),
        inputs=source.mapping("inputs"),
        mock=_read_mock(source),
        executor=_read_executor(source),
        **common,
    )


def _read_mock(node: Members) -> Mock | None:
    source = node.members("mock", ("outputs", "error"))
    if source is None:
        return None
    return Mock(source.mapping("outputs"), source.text("error", limit=MAX_TEXT, default=""))


def _read_timer(source: Members, common: dict[str, Any]) -> Node:
    seconds: float | str | None = None
    if isinstance(source.source.get("seconds"), str):
        seconds = source.text("seconds", limit=MAX_TEXT)
    elif source.has("seconds"):
        seconds = source.number("seconds", least=0, most=366 * MAX_SECONDS)
    return TimerNode(seconds=seconds, until=source.text_or_none("until", limit=MAX_TEXT), **common)


def _read_wait(source: Members, common: dict[str, Any]) -> Node:
    return WaitNode(event=source.text("event", default=""), key=source.text("key", default=""), **common)


def _read_decision(source: Members, common: dict[str, Any]) -> Node:
    return DecisionNode(
        message=source.text("message", limit=MAX_TEXT, default=""),
        form=source.form("form"),
        approvers=source.names("approvers", MAX_APPROVERS),
        **common,
    )


def _read_notify(source: Members, common: dict[str, Any]) -> Node:
    return NotifyNode(
        title=source.text("title", limit=MAX_TEXT, default=""),
        content=source.text("content", limit=MAX_TEXT, default=""),
        people=source.names("people", MAX_RECEIVERS),
        groups=source.names("groups", MAX_RECEIVERS),
        launcher=source.flag("launcher", default=False),
        types=source.names("types", MAX_TYPES),
        mock=_read_mock(source),
        executor=_read_executor(source),
        **common,
    )


def _read_expression(source: Members, common: dict[str, Any]) -> Node:
    values = source.mapping("values")
    for name, expression in values.items():
        if not isinstance(expression, str) or not expression:
            source.wrong(f"values.{name}", f"must be a text, not {named(expression)}", "write an expression in CEL")
    return ExpressionNode(values=values, **common)


def _read_subflow(source: Members, common: dict[str, Any]) -> Node:
    return SubflowNode(**_read_called(source), **common)


def _read_map(source: Members, common: dict[str, Any]) -> Node:
    items = source.source.get("items")
    if items is None:
        source.wrong("items", "is missing", "give a list, or a reference to one")
    parallel = source.whole("parallel", least=1, most=MAX_PARALLEL, default=1)
    return MapNode(items=items, parallel=parallel, **_read_called(source), **common)


def _read_called(source: Members) -> dict[str, Any]:
    return {
        "flow": source.text("flow", default=""),
        "revision": source.whole_or_none("revision", least=1, most=2**31 - 1),
        "inputs": source.mapping("inputs"),
        "executor": _read_executor(source),
    }


def _read_executor(source: Members) -> str:
    return source.text("executor", limit=MAX_USERNAME, default="")


_OWN: dict[NodeKind, tuple[frozenset[str], Callable[[Members, dict[str, Any]], Node]]] = {
    NodeKind.PLUGIN: (frozenset({"plugin", "version", "inputs", "mock", "executor"}), _read_plugin),
    NodeKind.TIMER: (frozenset({"seconds", "until"}), _read_timer),
    NodeKind.WAIT: (frozenset({"event", "key"}), _read_wait),
    NodeKind.CONFIRM: (frozenset({"message", "form"}), _read_decision),
    NodeKind.APPROVAL: (frozenset({"message", "form", "approvers"}), _read_decision),
    NodeKind.NOTIFY: (
        frozenset({"title", "content", "people", "groups", "launcher", "types", "mock", "executor"}),
        _read_notify,
    ),
    NodeKind.EXPRESSION: (frozenset({"values"}), _read_expression),
    NodeKind.SUBFLOW: (_CALLED, _read_subflow),
    NodeKind.MAP: (_CALLED | {"items", "parallel"}, _read_map),
}
"""Step → (the members it has beside those of every step, how it is read)."""
_READERS = {kind: (_COMMON | _STEP | own, read) for kind, (own, read) in _OWN.items()}


def _write_own(node: Node) -> dict[str, Any]:
    own: dict[str, Any]
    match node:
        case PluginNode():
            own = {"plugin": node.plugin, "version": node.version, "inputs": dict(node.inputs)}
            own |= _given(mock=_write_mock(node.mock))
        case TimerNode():
            own = _given(seconds=node.seconds, until=node.until)
        case WaitNode():
            own = _given(event=node.event or None, key=node.key or None)
        case DecisionNode():
            form = None if node.form is None else dict(node.form)
            own = _given(message=node.message or None, form=form, approvers=list(node.approvers) or None)
        case NotifyNode():
            lists = {"people": node.people, "groups": node.groups, "types": node.types}
            own = {"title": node.title, **_given(content=node.content or None, launcher=node.launcher or None)}
            own |= {name: list(texts) for name, texts in lists.items() if texts}
            own |= _given(mock=_write_mock(node.mock))
        case ExpressionNode():
            own = {"values": dict(node.values)}
        case SubflowNode():
            own = {"flow": node.flow, **_given(revision=node.revision), "inputs": dict(node.inputs)}
            own |= {"items": node.items, "parallel": node.parallel} if isinstance(node, MapNode) else {}
        case _:
            own = {}
    if isinstance(node, ActingNode) and node.executor:
        own["executor"] = node.executor
    return own


def _write_mock(mock: Mock | None) -> dict[str, Any] | None:
    if mock is None:
        return None
    return {"error": mock.error} if mock.error else {"outputs": dict(mock.outputs)}


def _given(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
