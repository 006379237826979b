"""From method and path to a planned route, remembered for the snapshot of the moment."""

from typing import Final

from gateway.dataplane.address import GatewayAddress, parse_gateway
from gateway.dataplane.answer import Answer
from gateway.dataplane.call import Call, Identity
from gateway.dataplane.counters import Counters
from gateway.dataplane.governing import cors_of
from gateway.dataplane.headers import InboundHeaders
from gateway.dataplane.plan import Parts, RoutePlan, plan_route
from gateway.snapshot.model.canary import Canary
from gateway.snapshot.model.routes import Route
from gateway.snapshot.model.snapshot import Snapshot
from gateway.snapshot.model.systems import Stage
from gateway.wire.codes import API_NOT_FOUND
from gateway.wire.refusal import Refusal

_REMEMBERED: Final = 4096

Match = tuple[Route, tuple[str, ...]]
Found = tuple[Route, tuple[str, ...], RoutePlan]


class Lookup:
    """``by_path`` answers the route, the raw values of its parameters, and its plan; raises Refusal."""

    __slots__ = ("_counters", "_parts", "_remembered", "_snapshot")

    def __init__(self, counters: Counters, parts: Parts) -> None:
        self._counters = counters
        self._parts = parts
        self._snapshot: Snapshot | None = None
        self._remembered: dict[tuple[str, bytes], Found] = {}

    def remembered(self, snapshot: Snapshot, method: str, raw_path: bytes) -> Found | None:
        """What ``by_path`` found for these very bytes under this very snapshot."""
        if snapshot is not self._snapshot:
            self._snapshot = snapshot
            self._remembered.clear()
        return self._remembered.get((method, raw_path))

    def by_path(
        self, snapshot: Snapshot, method: str, raw_path: bytes, path: str, headers: InboundHeaders, now: float
    ) -> Found:
        address = parse_gateway(path)
        stage = stage_of(snapshot, address.system, address.stage)
        canary = stage.canary if stage is not None else None
        if stage is None:
            found = None
        elif canary is None:
            found = stage.table.match(method, address.path)
        else:
            found = self._by_caller(stage, canary, method, address.path, snapshot, headers, now)
        if found is None:
            raise Refusal(API_NOT_FOUND, _not_found(snapshot, address, method))
        route, params = found
        if canary is not None:
            return route, params, self.plan_of(route)
        if len(self._remembered) >= _REMEMBERED:
            self._remembered.clear()
        planned = self._remembered[(method, raw_path)] = (route, params, self.plan_of(route))
        return planned

    def _by_caller(
        self, stage: Stage, canary: Canary, method: str, path: str, snapshot: Snapshot, headers: InboundHeaders,
        now: float,
    ) -> Match | None:  # fmt: skip
        """While a release is tried, who calls decides which release answers. Such a stage's routes are not remembered,
        so stages without a canary pay nothing for it. Whom nobody knows the route's own steps refuse, in their order.
        """
        own, tried = stage.table.match(method, path), canary.table.match(method, path)
        likely = tried if own is None or canary.takes(None, None) else own
        if likely is None:
            return None
        asking = Call(snapshot, *likely, headers, now)
        try:
            self._parts.identify(asking)
        except Refusal:
            return likely
        return tried if takes(canary, asking.identity) else own

    def preflight(self, snapshot: Snapshot, path: str, headers: InboundHeaders) -> Answer | None:
        """The answer to a CORS preflight, where a policy of the route that would be called allows other origins.

        It is asked without a credential, so a stage's own release is looked at, not one that is being tried.
        """
        asked = headers.value(b"access-control-request-method")
        if asked is None or headers.value(b"origin") is None:
            return None
        address = parse_gateway(path)
        stage = stage_of(snapshot, address.system, address.stage)
        found = stage.table.match(asked.decode("latin-1"), address.path) if stage is not None else None
        sharing = cors_of(found[0]) if found is not None else None
        return sharing.preflight(headers) if sharing is not None else None

    def plan_of(self, route: Route) -> RoutePlan:
        plan: RoutePlan | None = route.planned.value
        if plan is None:
            settings = route.settings
            counters = self._counters.of(settings.system, settings.stage, route.component, canary=settings.canary)
            usage = self._counters.usage_of(settings.system, settings.stage, settings.release, route.component)
            plan = route.planned.value = plan_route(route, counters, usage, self._parts)
        return plan


def takes(canary: Canary, identity: Identity | None) -> bool:
    """Whether the canary serves this caller."""
    return canary.takes(identity.app_code, identity.user) if identity is not None else canary.takes(None, None)


def stage_of(snapshot: Snapshot, system: str, stage: str) -> Stage | None:
    shard = snapshot.systems.get(system)
    return shard.stages.get(stage) if shard is not None else None


def _not_found(snapshot: Snapshot, address: GatewayAddress, method: str) -> str:
    if address.system not in snapshot.systems:
        return f"there is no system {address.system}"
    if address.stage not in snapshot.systems[address.system].stages:
        return f"system {address.system} has no stage {address.stage}"
    # What looks like a parameter may be a credential that somebody put behind a sign that is no question mark.
    at = f"/{address.path}" if "=" not in address.path else "this path"
    return f"no component of system {address.system} answers {method} {at}"
