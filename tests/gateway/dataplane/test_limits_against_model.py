"""Admission against the plainest model there is: every admitted call written down and counted anew each time."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.dataplane.call import Call, make_identity
from gateway.dataplane.headers import InboundHeaders
from gateway.dataplane.limits.limits import Limits
from gateway.policies.kinds.placing import NOTHING, placed
from gateway.policies.kinds.policy import Level
from gateway.policies.kinds.registry import read_policies
from gateway.snapshot.model.snapshot import Peers, Snapshot, SnapshotHolder
from gateway.snapshot.model.systems import SystemShard
from gateway.wire.refusal import Refusal
from tests.gateway.dataplane.conftest import component

_STAGE = {"release": "1.0.0", "upstream": {"base_url": "http://127.0.0.1:9"}, "components": [component("search")]}
_SYSTEM = SystemShard.from_document({"kind": "system", "name": "cmdb", "stages": {"prod": _STAGE}}, lambda *_: b"")
ROUTE = next(iter(_SYSTEM.stages["prod"].components.values()))
BEGIN = 1_800_000_000.0
PERIODS = (1, 60)
APPS = ("shop", "desk", None)

Rates = list[dict[str, int]]
RATES = st.lists(
    st.fixed_dictionaries({"period": st.sampled_from(PERIODS), "tokens": st.integers(1, 4)}),
    min_size=1,
    max_size=2,
    unique_by=lambda rate: rate["period"],
)
CONFIGS = st.fixed_dictionaries(
    {"rates": st.fixed_dictionaries({"__default": RATES}, optional={"desk": RATES}), "total": RATES}
)
STEPS = st.lists(st.tuples(st.sampled_from((0.0, 0.0, 0.0, 0.4, 1.0, 30.0)), st.sampled_from(APPS)), max_size=60)


@dataclass
class Model:
    """What one process of several may admit is its share, rounded up for the first ones."""

    config: dict[str, Any]
    peers: Peers
    admitted: list[tuple[float, str | None]] = field(default_factory=list)

    def admits(self, now: float, app: str | None) -> bool:
        each: Rates = self.config["rates"].get(app) or self.config["rates"]["__default"]
        own = all(self.room(rate, now, [at for at, who in self.admitted if who == app]) for rate in each)
        return own and all(self.room(rate, now, [at for at, _ in self.admitted]) for rate in self.config["total"])

    def room(self, rate: dict[str, int], now: float, calls: list[float]) -> bool:
        rank, processes = self.peers.rank, self.peers.processes
        share = len(range(rank, rate["tokens"], processes))
        return sum(1 for at in calls if at // rate["period"] == now // rate["period"]) < share


def call_of(app: str | None, now: float) -> Call:
    call = Call(Snapshot(), ROUTE, (), InboundHeaders({}, []), now)
    call.identity = make_identity(app) if app is not None else None
    return call


@given(of_stage=CONFIGS, of_component=st.none() | CONFIGS, steps=STEPS, processes=st.integers(1, 3), data=st.data())
def test_a_call_is_admitted_when_the_model_of_every_place_says_so(
    of_stage: dict[str, Any],
    of_component: dict[str, Any] | None,
    steps: list[tuple[float, str | None]],
    processes: int,
    data: st.DataObject,
) -> None:
    holder = SnapshotHolder()
    holder.peers = Peers(data.draw(st.integers(0, processes - 1)), processes)
    limits, models, policies = Limits(holder, None), [], NOTHING
    for level, config in ((Level.STAGE, of_stage), (Level.COMPONENT, of_component)):
        if config is not None:
            models.append(Model(config, holder.peers))
            documents = [{"kind": "rate-limit", "config": config}]
            policies = placed(policies, level, f"a {level}", read_policies(documents, level))
    governed = limits.governed(policies)
    now = BEGIN
    for seconds, app in steps:
        now += seconds
        try:
            limits.admit(call_of(app, now), governed)
        except Refusal:
            assert not all(model.admits(now, app) for model in models)
        else:
            assert all(model.admits(now, app) for model in models)
            for model in models:
                model.admitted.append((now, app))
