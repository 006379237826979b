"""What is computed from a route once: its steps, and the bytes that are the same in every call."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gateway.dataplane.answer import Answer
from gateway.dataplane.call import Call
from gateway.dataplane.counters import RouteCounters
from gateway.dataplane.governing import Governing
from gateway.dataplane.steps.map_parameters import MapParameters
from gateway.dataplane.steps.validate import Validate
from gateway.dataplane.steps.validate_parameters import ValidateParameters
from gateway.dataplane.upstream.guard import Guard
from gateway.dataplane.upstream.guards import Guards
from gateway.dataplane.upstream.signers import Signers
from gateway.dataplane.upstream.token_source import TokenSource
from gateway.dataplane.usage import Usage
from gateway.snapshot.model.matching import is_parameter
from gateway.snapshot.model.routes import Route
from kernel.transport.limits import Timeouts
from kernel.transport.origin import Origin

TUNNEL_IDLE = 600.0
"""Seconds in which nothing moves on a WebSocket before it is ended; a component's own timeout stands in its place."""

Step = Callable[[Call], None]
Wait = Callable[[Call], Awaitable[None]]
Hook = Callable[[Call, Answer], None]
End = Callable[[Call, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class RoutePlan:
    """The steps of a route, in their order: ``first`` before the body is there, then ``waits`` (which wait for
    something else), then ``last`` with the body; ``needs_body`` when one of these reads it. A step raises Refusal, or
    Answered to answer itself. ``answers`` see each answer before the client does, refusals included. ``ends`` are
    called once with the status when the call is over, whatever happened; also when not every step was reached.
    ``answer_is_read`` when the answer's body is waited for as a whole.

    ``answer_lines`` are the same in each of its answers: which release gave it. ``own_lines`` go with each call.
    ``target`` is the upstream's path where it has no parameters, else ``pieces`` are its texts and parameter indexes.
    """

    origin: Origin
    first: tuple[Step, ...]
    last: tuple[Step, ...]
    needs_body: bool
    target: str | None
    pieces: tuple[str | int, ...]
    head_end: str
    timeouts: Timeouts
    counters: RouteCounters
    key: tuple[str, str, str]
    log_part: str
    answer_lines: bytes
    own_lines: str
    usage: Usage
    waits: tuple[Wait, ...] = ()
    answers: tuple[Hook, ...] = ()
    ends: tuple[End, ...] = ()
    body_limit: int | None = None
    guard: Guard | None = None
    takes_websocket: bool = False
    tunnel_idle: float = TUNNEL_IDLE
    answer_is_read: bool = False


def upstream_pieces(route: Route, base_path: str) -> tuple[str | int, ...]:
    """Texts and indexes into the route's parameters; the last index of a sub-path route is the rest of the path."""
    mapped = {assignment.to.name for assignment in route.mapping if assignment.to.location == "path"}
    pieces: list[str | int] = [base_path]
    for segment in route.upstream_path.strip("/").split("/"):
        pieces.append("/")
        if is_parameter(segment) and segment[1:-1] in mapped:
            continue  # the mapping writes the whole target
        if is_parameter(segment):
            pieces.append(route.path_parameters.index(segment[1:-1]))
        else:
            pieces.append(segment)
    if route.match_subpath:
        pieces += ["/", len(route.path_parameters)]
    elif route.upstream_path.endswith("/") and route.upstream_path != "/":
        pieces.append("/")
    return tuple(pieces)


@dataclass(frozen=True, slots=True)
class Parts:
    """What the plans of all routes share."""

    identify: Step
    authorise: Step
    governing: Governing
    signers: Signers
    guards: Guards
    own_lines: str


def plan_route(route: Route, counters: RouteCounters, usage: Usage, parts: Parts) -> RoutePlan:
    """Raises Refusal(INVALID_RESOURCE) for a key or a schema that cannot be used."""
    settings, upstream = route.settings, route.upstream
    origin = upstream.targets[0].origin
    pieces = upstream_pieces(route, upstream.path)
    policies = parts.governing.steps_of(route)
    last = list(policies.checked)
    needs_body = False
    if route.parameters and settings.validate_requests:
        checked = ValidateParameters.of(route)
        last += [checked] if checked is not None else []
    if route.body_schema is not None and settings.validate_requests:
        last.append(Validate(route.body_schema))
        needs_body = True
    last += policies.answering
    if route.mapping:
        mapper = MapParameters(route, upstream.path)
        last.append(mapper)
        needs_body = needs_body or mapper.touches_body
    last += policies.outgoing
    signer = parts.signers.of(settings, upstream)
    guard = parts.guards.of(route, signer)
    answers, ends = list(policies.answers), list(policies.ends)
    if guard is not None:
        last.append(guard.enter)
        answers.insert(0, guard.seen)
        ends.append(guard.end)
    if signer is not None:
        last.append(signer)
        needs_body = needs_body or signer.needs_body
    texts = [piece for piece in pieces if isinstance(piece, str)]
    return RoutePlan(
        origin=origin,
        first=(*policies.earliest, parts.identify, parts.authorise, *policies.admitted),
        last=tuple(last),
        needs_body=needs_body,
        target="".join(texts) if len(texts) == len(pieces) else None,
        pieces=pieces,
        head_end=f" HTTP/1.1\r\nhost: {origin.authority}\r\n",
        timeouts=Timeouts(upstream.connect_timeout, route.timeout or upstream.timeout, upstream.total_timeout),
        counters=counters,
        key=(settings.system, settings.stage, route.component),
        log_part=_log_part(route),
        answer_lines=f"x-trunkline-release: {settings.release}\r\n".encode("latin-1", "replace"),
        own_lines=parts.own_lines,
        usage=usage,
        waits=(*policies.waits, signer.ensure) if isinstance(signer, TokenSource) else tuple(policies.waits),
        answers=(*answers, signer.seen) if isinstance(signer, TokenSource) else tuple(answers),
        ends=tuple(ends),
        body_limit=policies.body_limit,
        guard=guard,
        takes_websocket=route.enable_websocket,
        tunnel_idle=route.timeout or TUNNEL_IDLE,
        answer_is_read=policies.reads_answer or settings.envelope,
    )


def _log_part(route: Route) -> str:
    """The route's members of a line of the access log."""
    settings = route.settings
    place = {"system": settings.system, "stage": settings.stage, "release": settings.release}
    return json.dumps({**place, "component": route.component}, separators=(",", ":"))[1:-1]
