"""From an address of the ESB's shape to the component it means."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.dataplane.address import SELF_SERVICE_PREFIX, parse_esb
from gateway.dataplane.lookup import stage_of
from gateway.snapshot.model.routes import Route
from gateway.snapshot.model.snapshot import Snapshot
from gateway.snapshot.model.systems import Stage
from gateway.wire.codes import INVALID_ARGS, NO_TEST_STAGE
from gateway.wire.refusal import Refusal

METHODS = ("GET", "POST")
TEST, PROD = "test", "prod"


@dataclass(frozen=True, slots=True)
class EsbMatch:
    """``params`` are the values in the path of a self-service address; None where parameters have them."""

    stage: Stage
    route: Route
    params: tuple[str, ...] | None = None


def find(snapshot: Snapshot, path: str, kept: Mapping[bytes, bytes], method: str) -> EsbMatch | None:
    """None when the address means nothing. Raises Refusal for another method, and for a test stage nobody made."""
    stage_name = TEST if kept.get(b"x-use-test-env", b"").lower() == b"true" else PROD
    found = _find(snapshot, path, stage_name, method)
    if found is None and stage_name == TEST and (served := _find(snapshot, path, PROD, method)) is not None:
        system = served.route.settings.system
        raise Refusal(NO_TEST_STAGE, f"system {system} has no stage {TEST}, or this component isn't on it")
    return found


def _find(snapshot: Snapshot, path: str, stage_name: str, method: str) -> EsbMatch | None:
    if path.startswith(SELF_SERVICE_PREFIX):
        return _by_path(snapshot, path[len(SELF_SERVICE_PREFIX) :], stage_name, method)
    address = parse_esb(path)
    if address is None:
        return None
    if method not in METHODS:
        raise Refusal(INVALID_ARGS, f"components answer GET and POST, not {method}")
    stage = stage_of(snapshot, address.system, stage_name)
    if stage is None:
        return None
    route = stage.components.get(address.component)
    if route is None and stage.canary is not None:
        route = stage.canary.components.get(address.component)
    return EsbMatch(stage, route) if route is not None else None


def _by_path(snapshot: Snapshot, path: str, stage_name: str, method: str) -> EsbMatch | None:
    """Among the systems that are found so; the first by name where two have the same method and path."""
    for shard in snapshot.self_service:
        stage = shard.stages.get(stage_name)
        found = stage.table.match(method, path) if stage is not None else None
        if stage is not None and found is not None:
            return EsbMatch(stage, *found)
    return None
