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
from gateway.snapshot.model.snapshot import Peers, SnapshotHolder
from gateway.wire.refusal import Refusal

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
    call = Call(None, None, (), InboundHeaders({}, []), now)  # type: ignore[arg-type]  limits look at neither
    call.identity = make_identity(app) if app is not None else None
    return call


@given(config=CONFIGS, steps=STEPS, processes=st.integers(1, 3), data=st.data())
def test_a_call_is_admitted_when_the_model_says_so(
    config: dict[str, Any], steps: list[tuple[float, str | None]], processes: int, data: st.DataObject
) -> None:
    holder = SnapshotHolder()
    holder.peers = Peers(data.draw(st.integers(0, processes - 1)), processes)
    limits, model = Limits(holder, None), Model(config, holder.peers)
    policies = read_policies([{"kind": "rate-limit", "config": config}], Level.STAGE)
    governed = limits.governed(placed(NOTHING, Level.STAGE, "cmdb/prod", policies))
    now = BEGIN
    for seconds, app in steps:
        now += seconds
        try:
            limits.admit(call_of(app, now), governed)
        except Refusal:
            assert not model.admits(now, app)
        else:
            assert model.admits(now, app)
            model.admitted.append((now, app))
