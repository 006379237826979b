"""Prometheus metrics of this process."""

from collections.abc import Callable, Iterator, Mapping

from fastapi import APIRouter, Request
from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from starlette.responses import Response

from gateway.dataplane.counters import RouteCounts
from gateway.dataplane.upstream.guards import ServerState

router = APIRouter(tags=["health"])
_PLACE = ("system", "stage", "component", "canary")
_SERVER = ("system", "stage", "upstream", "server")


class GatewayCollector(Collector):
    """Reads the data plane's plain counters when asked, so that counting costs a call next to nothing."""

    def __init__(
        self,
        counts: Callable[[], list[RouteCounts]],
        revision: Callable[[], int],
        limit_failures: Callable[[], Mapping[str, int]] = dict,
        servers: Callable[[], list[ServerState]] = list,
    ) -> None:
        self._counts = counts
        self._revision = revision
        self._limit_failures = limit_failures
        self._servers = servers

    def collect(self) -> Iterator[Metric]:
        calls = CounterMetricFamily("trunkline_gateway_calls", "Calls by HTTP status", labels=[*_PLACE, "status"])
        refused = CounterMetricFamily("trunkline_gateway_refused", "Refusals by error code", labels=[*_PLACE, "code"])
        seconds = CounterMetricFamily("trunkline_gateway_call_seconds", "Time spent in calls", labels=_PLACE)
        for counts in self._counts():
            place = [counts.system, counts.stage, counts.component, "true" if counts.canary else "false"]
            for status, number in counts.statuses.items():
                calls.add_metric([*place, str(status)], number)
            for code, number in counts.refused.items():
                refused.add_metric([*place, str(code)], number)
            seconds.add_metric(place, counts.seconds)
        failures = CounterMetricFamily(
            "trunkline_gateway_limit_failures", "Calls while shared limits could not be counted", labels=["outcome"]
        )
        for outcome, number in self._limit_failures().items():
            failures.add_metric([outcome], number)
        yield from (calls, refused, seconds, failures)
        yield from self._upstreams()
        yield GaugeMetricFamily("trunkline_gateway_snapshot_revision", "Revision being served", self._revision())

    def _upstreams(self) -> Iterator[Metric]:
        up = GaugeMetricFamily(
            "trunkline_gateway_server_up", "Whether a server of an upstream gets calls", labels=_SERVER
        )
        busy = GaugeMetricFamily("trunkline_gateway_server_calls", "Calls under way at a server", labels=_SERVER)
        for state in self._servers():
            place = [state.system, state.stage, state.upstream, state.server]
            up.add_metric(place, float(state.is_up))
            busy.add_metric(place, state.in_flight)
        yield from (up, busy)


class DeliveryCollector(Collector):
    """The notification system's deliveries, as attempts of this process left them."""

    def __init__(self, counts: Callable[[], Mapping[tuple[str, str], int]]) -> None:
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        deliveries = CounterMetricFamily(
            "trunkline_notify_deliveries", "Attempts of deliveries by the state they left", labels=["msg_type", "state"]
        )
        for place, number in self._counts().items():
            deliveries.add_metric(place, number)
        yield deliveries


def metrics_registry(
    counts: Callable[[], list[RouteCounts]],
    revision: Callable[[], int],
    limit_failures: Callable[[], Mapping[str, int]],
    servers: Callable[[], list[ServerState]],
    deliveries: Callable[[], Mapping[tuple[str, str], int]],
) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(GatewayCollector(counts, revision, limit_failures, servers))
    registry.register(DeliveryCollector(deliveries))
    return registry


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> Response:
    registry: CollectorRegistry = request.app.state.metrics
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
