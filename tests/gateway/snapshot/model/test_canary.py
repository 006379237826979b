from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.snapshot.model.canary import Canary
from gateway.snapshot.model.errors import ShardError
from gateway.snapshot.model.matching import RouteTable
from gateway.snapshot.model.snapshot import compile_shard
from gateway.snapshot.model.systems import SystemShard


def canary(share: int, *apps: str, salt: str = "s") -> Canary:
    return Canary("1.1.0", share, frozenset(apps), salt, RouteTable([]), {})


callers = st.tuples(st.text(min_size=1), st.none() | st.text())


@given(callers, st.integers(0, 100), st.integers(0, 100))
def test_a_larger_share_gives_no_caller_back(caller: tuple[str, str | None], one: int, other: int) -> None:
    small, large = sorted((one, other))
    assert canary(large).takes(*caller) or not canary(small).takes(*caller)


@given(callers)
def test_nobody_goes_with_a_share_of_0_and_everybody_with_100(caller: tuple[str, str | None]) -> None:
    assert not canary(0).takes(*caller)
    assert canary(100).takes(*caller)


def test_a_named_app_goes_whatever_the_share() -> None:
    assert canary(0, "shop").takes("shop", "ann")
    assert not canary(0, "shop").takes("other", "ann")


def test_the_unknown_go_only_when_everybody_does() -> None:
    assert not canary(99).takes(None, None)
    assert canary(100).takes(None, None)


@pytest.mark.parametrize("share", [1, 10, 50])
def test_the_share_is_met_and_each_trial_chooses_anew(share: int) -> None:
    taken = {salt: {n for n in range(20_000) if canary(share, salt=salt).takes("shop", f"u{n}")} for salt in "ab"}
    for callers_taken in taken.values():
        assert abs(len(callers_taken) / 20_000 - share / 100) < 0.012
    assert taken["a"] != taken["b"]


def system(upstream_path: str = "/a", **stage: Any) -> dict[str, Any]:
    component = {"name": "find", "method": "GET", "path": "/find", "upstream_path": upstream_path}
    prod = {"release": "1.0.0", "upstream": {"base_url": "http://10.0.0.5"}, "components": [component], **stage}
    return {"kind": "system", "name": "cmdb", "stages": {"prod": prod}}


def compiled(document: dict[str, Any]) -> SystemShard:
    shard = compile_shard(document, lambda sealed: sealed.encode())
    assert isinstance(shard, SystemShard)
    return shard


def test_a_canary_is_a_release_of_its_own_with_the_stages_settings() -> None:
    new = {"name": "other", "method": "GET", "path": "/other"}
    tried = {"release": "1.1.0", "share": 5, "apps": ["shop"], "components": [new]}
    stage = compiled(system(canary=tried, envelope=True)).stages["prod"]
    assert stage.canary is not None
    assert set(stage.components) == {"find"}
    route = stage.canary.components["other"]
    assert (route.settings.release, route.settings.envelope, route.settings.canary) == ("1.1.0", True, True)
    assert (stage.settings.release, stage.settings.canary) == ("1.0.0", False)
    assert stage.canary.table.match("GET", "find") is None


@pytest.mark.parametrize(
    ("template", "value", "path"),
    [
        ("/{env.area}/find", "eu", "/eu/find"),
        ("/{env.area}/find", "/a/b/", "/a/b/find"),
        ("/v{env.area}/find", "2", "/v2/find"),
        ("/{env.area}/find", "a?b#c d{x}", "/a%3Fb%23c%20d%7Bx%7D/find"),
        ("/{env.area}/find", "日", "/%E6%97%A5/find"),
    ],
)
def test_a_stage_variable_is_part_of_the_path_and_nothing_else(template: str, value: str, path: str) -> None:
    shard = compiled(system(template, variables={"area": value}))
    assert shard.stages["prod"].components["find"].upstream_path == path


@pytest.mark.parametrize("value", ["", "..", "a/../b", ".", "a//b", "..;x"])
def test_a_stage_variable_is_no_step_up(value: str) -> None:
    with pytest.raises(ShardError, match="variables"):
        compiled(system("/{env.area}/find", variables={"area": value}))


def test_a_variable_the_stage_lacks_is_named() -> None:
    with pytest.raises(ShardError, match="needs area"):
        compiled(system("/{env.area}/find"))
