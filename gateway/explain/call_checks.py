"""Why a call would be admitted or refused, told from the snapshot by which the data plane decides. Pure.

The data plane stops at the first thing that is wrong; here each is looked at, in its order.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.dataplane.steps.ip_restriction import RestrictAddress
from gateway.policies.kinds.placing import Effective
from gateway.snapshot.model.apps import AppShard
from gateway.snapshot.model.routes import Route
from gateway.snapshot.model.snapshot import Snapshot

_RESTRICTION = "ip-restriction"
_LIMITS = frozenset({"rate-limit", "quota", "concurrency-limit"})


@dataclass(frozen=True, slots=True)
class CallQuestion:
    """A call that somebody made, or would make.

    Attributes:
        scopes: of its access token; `None` for app code and secret, which carry the whole grants of the app.
        address: where it comes from; empty leaves that unchecked.
    """

    app_code: str
    system: str
    component: str
    stage: str
    user: str | None = None
    scopes: frozenset[str] | None = None
    address: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """Attributes:
    check: `component`, `address`, `app`, `scope`, `user`, `grant` or `limits`.
    remedy: what to do where it doesn't hold.
    """

    check: str
    holds: bool
    text: str
    remedy: str = ""


def check_call(snapshot: Snapshot, question: CallQuestion, now: float) -> list[Check]:
    """All checks of the call; it would be admitted when each holds."""
    shard = snapshot.systems.get(question.system)
    stage = shard.stages.get(question.stage) if shard is not None else None
    route = stage.components.get(question.component) if stage is not None else None
    if route is None:
        where = f"{question.system}.{question.component} on the stage {question.stage}"
        return [
            Check(
                "component",
                holds=False,
                text=f"there is no {where}",
                remedy="Look for its name in the system's components",
            )
        ]
    found = Check("component", holds=True, text=f"{route.own_scope} is served on the stage {question.stage}")
    app = snapshot.apps.get(question.app_code)
    checks = [found, *_address(route, question), *_app(route, app, question), *_scope(route, question)]
    checks += [*_user(route, question), *_grant(route, app, now), *_limits(route.policies)]
    return checks


def _address(route: Route, question: CallQuestion) -> Iterator[Check]:
    for placed in route.policies.get(_RESTRICTION, ()):
        if not question.address:
            yield Check("address", holds=True, text=f"{placed} restricts which addresses may call")
            continue
        holds = RestrictAddress.of(placed).decide(question.address)
        said = "may" if holds else "may not"
        yield Check(
            "address",
            holds,
            f"{question.address} {said} call {placed}",
            "" if holds else "Have the system's owner change the ip-restriction there",
        )


def _app(route: Route, app: AppShard | None, question: CallQuestion) -> Iterator[Check]:
    if not route.app_required:
        yield Check("app", holds=True, text="the component may be called without an app")
    elif app is None:
        yield Check(
            "app", holds=False, text=f"there is no app {question.app_code}", remedy="Make it, or correct its code"
        )
    elif not app.enabled:
        yield Check("app", holds=False, text=f"the app {app.app_code} is disabled", remedy="Have its owner enable it")
    else:
        yield Check("app", holds=True, text=f"the app {app.app_code} exists and is enabled")


def _scope(route: Route, question: CallQuestion) -> Iterator[Check]:
    held = question.scopes
    if held is None:
        return
    holds = held >= route.required_scopes or route.own_scope in held
    needed = " ".join(sorted(route.required_scopes))
    yield Check(
        "scope",
        holds,
        f"the token's scope {'covers' if holds else 'lacks'} {route.own_scope}",
        "" if holds else f"Ask for a token with the scope {needed or route.own_scope}",
    )


def _user(route: Route, question: CallQuestion) -> Iterator[Check]:
    if not route.user_required:
        return
    holds = question.user is not None
    yield Check(
        "user",
        holds,
        f"the component needs a user, and {f'{question.user} is named' if holds else 'none is named'}",
        "" if holds else "Call with a token of a person, or with bk_token",
    )


def _grant(route: Route, app: AppShard | None, now: float) -> Iterator[Check]:
    system = route.settings.system
    if not route.grant_required:
        yield Check("grant", holds=True, text=f"{route.own_scope} needs no grant")
        return
    if app is None:
        return
    holds = app.may_call(system, route.own_scope, now)
    had = app.grants.get(route.own_scope) or app.grants.get(system)
    state = "holds" if holds else ("has expired" if had else "is missing")
    yield Check(
        "grant",
        holds,
        f"the grant of the app {app.app_code} for {route.own_scope} {state}",
        "" if holds else f"Apply for a grant on {route.own_scope}; its owner decides",
    )


def _limits(policies: Effective) -> Iterator[Check]:
    for kind in sorted(_LIMITS & policies.keys()):
        for placed in policies[kind]:
            yield Check("limits", holds=True, text=f"{kind} of {placed} counts the call")
