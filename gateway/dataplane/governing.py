"""The policies that hold for a route, as steps of its plan. A route without policies gets none and pays nothing."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from gateway.dataplane.limits.limits import KINDS, Limits
from gateway.dataplane.steps.answer_envelope import put_into_envelope
from gateway.dataplane.steps.answer_rename import RenameAnswer, ask_uncompressed
from gateway.dataplane.steps.body_limit import LimitBody
from gateway.dataplane.steps.cors import ShareWithOrigins
from gateway.dataplane.steps.fault_injection import InjectAbort, InjectDelay
from gateway.dataplane.steps.fixed_answer import AnswerMock, AnswerRedirect
from gateway.dataplane.steps.header_rewrite import RewriteAnswer, RewriteRequest
from gateway.dataplane.steps.ip_restriction import RestrictAddress
from gateway.dataplane.steps.limit import Limit
from gateway.dataplane.steps.response_cache import AnswersKept, CacheAnswers
from gateway.policies.kinds.answer_rename import AnswerRename
from gateway.policies.kinds.body_limit import BodyLimit
from gateway.policies.kinds.cors import Cors
from gateway.policies.kinds.fault_injection import FaultInjection
from gateway.policies.kinds.header_rewrite import HeaderRewrite
from gateway.policies.kinds.mock import Mock
from gateway.policies.kinds.placing import most_specific
from gateway.policies.kinds.policy import Config
from gateway.policies.kinds.redirect import Redirect
from gateway.policies.kinds.response_cache import ResponseCache
from gateway.snapshot.model.matching import ANY
from gateway.snapshot.model.routes import Route

if TYPE_CHECKING:
    from gateway.dataplane.plan import End, Hook, Step, Wait

C = TypeVar("C", bound=Config)

_ALL_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


@dataclass(slots=True)
class PolicySteps:
    """Where the policies of a route come in.

    Attributes:
        earliest: before anybody is identified.
        admitted: once the caller is authorised; before the body.
        checked: with the body, before the component's own checks of it.
        answering: after these checks; each answers the call.
        outgoing: the last before the call is signed.
        body_limit: bytes; for a body that streams.
        reads_answer: one of `answers` changes the body, so the whole of it is waited for.
    """

    earliest: list["Step"] = field(default_factory=list)
    admitted: list["Step"] = field(default_factory=list)
    waits: list["Wait"] = field(default_factory=list)
    checked: list["Step"] = field(default_factory=list)
    answering: list["Step"] = field(default_factory=list)
    outgoing: list["Step"] = field(default_factory=list)
    answers: list["Hook"] = field(default_factory=list)
    ends: list["End"] = field(default_factory=list)
    body_limit: int | None = None
    reads_answer: bool = False


class Governing:
    """What policies count and keep in this process, and the steps made of them. Belongs to one event loop."""

    __slots__ = ("answers_kept", "limits")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.answers_kept = AnswersKept()

    def steps_of(self, route: Route) -> PolicySteps:
        steps = PolicySteps()
        if route.policies:
            self._on_the_way_in(route, steps)
            self._on_the_way_out(route, steps)
        return steps

    def _on_the_way_in(self, route: Route, steps: PolicySteps) -> None:
        steps.earliest += [RestrictAddress.of(each) for each in route.policies.get("ip-restriction", ())]
        if not KINDS.isdisjoint(route.policies):
            steps.admitted.append(Limit(self.limits, self.limits.governed(route.policies)))
        if fault := _policy(route, "fault-injection", FaultInjection):
            if fault.delay is not None:
                steps.waits.append(InjectDelay(fault.delay))
            if fault.abort is not None:
                steps.checked.append(InjectAbort(fault.abort))
        if limit := _policy(route, "body-limit", BodyLimit):
            bound = LimitBody(limit)
            steps.admitted.append(bound.announced)
            steps.checked.append(bound)
            steps.body_limit = limit.max_bytes
        if redirect := _policy(route, "redirect", Redirect):
            steps.answering.append(AnswerRedirect(redirect))
        if mock := _policy(route, "mock", Mock):
            steps.answering.append(AnswerMock(mock))

    def _on_the_way_out(self, route: Route, steps: PolicySteps) -> None:
        if (caching := _policy(route, "response-cache", ResponseCache)) and not steps.answering:
            cache = CacheAnswers(route, caching, self.answers_kept)
            steps.admitted.append(cache.look)
            steps.waits.append(cache.wait)
            steps.answers.append(cache.answer)
            steps.ends.append(cache.end)
        if rewrite := _policy(route, "header-rewrite", HeaderRewrite):
            if rewrite.request.set or rewrite.request.remove:
                steps.outgoing.append(RewriteRequest(rewrite.request))
            if rewrite.response.set or rewrite.response.remove:
                steps.answers.append(RewriteAnswer(rewrite.response))
        if renaming := _policy(route, "answer-rename", AnswerRename):
            steps.answers.append(RenameAnswer(renaming))
            steps.reads_answer = True
        if "answer-envelope" in route.policies:
            steps.answers.append(put_into_envelope)
            steps.reads_answer = True
        if steps.reads_answer:
            steps.outgoing.append(ask_uncompressed)
        if sharing := cors_of(route):
            steps.answers.append(sharing.answer)


def cors_of(route: Route, methods: tuple[str, ...] = ()) -> ShareWithOrigins | None:
    """What the route tells browsers, where a policy says so. ``methods`` are those it answers, if not its own."""
    policy = _policy(route, "cors", Cors)
    if policy is None:
        return None
    return ShareWithOrigins(policy, methods or (_ALL_METHODS if route.method == ANY else (route.method,)))


def _policy(route: Route, kind: str, config: type[C]) -> C | None:
    placed = most_specific(route.policies, kind)
    return placed.config if placed is not None and isinstance(placed.config, config) else None
