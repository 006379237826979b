"""A stage with a release on trial: one caller is served by one of the two, whichever door he comes through."""

from typing import Any

from tests.gateway.dataplane.conftest import SECRET, Gateway, component, token

TRIED = {"release": "1.1.0", "apps": ["new"], "share": 0, "components": [
    component("search", upstream_path="/v2/search"), component("added"),
]}  # fmt: skip


def on_trial(gateway: Gateway, **canary: Any) -> None:
    gateway.system(component("search"), component("removed"), canary={**TRIED, **canary})
    for code in ("shop", "new"):
        gateway.app({"system": "cmdb", "component": None}, code=code)


async def test_a_named_app_is_served_by_the_canary_and_everybody_else_by_the_stages_release(gateway: Gateway) -> None:
    on_trial(gateway)
    for app, release, target in (
        ("new", "1.1.0", "/systems/cmdb/v2/search"),
        ("shop", "1.0.0", "/systems/cmdb/search"),
    ):
        answer = await gateway.call("/api/cmdb/prod/search", bearer=token(app))
        assert (answer.status_code, answer.headers["x-trunkline-release"]) == (200, release)
        assert gateway.upstream.received[-1].target == target


async def test_what_only_one_release_has_only_its_callers_find(gateway: Gateway) -> None:
    on_trial(gateway)
    found = {
        (app, name): (await gateway.call(f"/api/cmdb/prod/{name}", bearer=token(app))).status_code
        for app in ("new", "shop")
        for name in ("added", "removed")
    }
    assert found == {("new", "added"): 200, ("new", "removed"): 404, ("shop", "added"): 404, ("shop", "removed"): 200}


async def test_the_esb_shape_chooses_by_the_caller_in_the_parameters_too(gateway: Gateway) -> None:
    on_trial(gateway)
    for app, target in (("new", "/systems/cmdb/v2/search"), ("shop", "/systems/cmdb/search")):
        body = {"bk_app_code": app, "bk_app_secret": SECRET}
        answer = await gateway.http.post("/api/c/compapi/v2/cmdb/search/", json=body)
        assert answer.json()["result"] is True
        assert gateway.upstream.received[-1].target == target
    lacking = await gateway.http.post(
        "/api/c/compapi/v2/cmdb/added/", json={"bk_app_code": "shop", "bk_app_secret": SECRET}
    )
    assert lacking.json()["result"] is False


async def test_a_caller_stays_where_he_is_and_a_full_share_takes_everybody(gateway: Gateway) -> None:
    on_trial(gateway, share=50, salt="x")
    seen = {}
    for user in [f"u{n}" for n in range(30)] * 2:
        answer = await gateway.call("/api/cmdb/prod/search", bearer=token(sub=user))
        assert seen.setdefault(user, answer.headers["x-trunkline-release"]) == answer.headers["x-trunkline-release"]
    assert set(seen.values()) == {"1.0.0", "1.1.0"}
    on_trial(gateway, share=100)
    answer = await gateway.call("/api/cmdb/prod/search")
    assert answer.headers["x-trunkline-release"] == "1.1.0"


async def test_without_a_credential_the_call_is_refused_as_ever(gateway: Gateway) -> None:
    on_trial(gateway, share=50)
    answer = await gateway.http.post("/api/cmdb/prod/search")
    assert answer.status_code == 401
    bad = await gateway.call("/api/cmdb/prod/search", bearer="nonsense")
    assert bad.status_code == 401
    esb = await gateway.http.post("/api/c/compapi/v2/cmdb/search/", json={"bk_app_code": "shop", "bk_app_secret": "x"})
    assert esb.json()["result"] is False
    assert gateway.upstream.received == []


async def test_both_releases_are_counted_apart_and_by_app(gateway: Gateway) -> None:
    on_trial(gateway)
    gateway.plane.take_usage()
    for app in ("new", "shop", "shop"):
        await gateway.call("/api/cmdb/prod/search", bearer=token(app))
    gateway.upstream.status = 503
    await gateway.call("/api/cmdb/prod/search", bearer=token("new"))
    counts = {
        counts.canary: counts.statuses
        for counts in gateway.plane.snapshot_of_counters()
        if counts.component == "search"
    }
    assert counts == {False: {200: 2}, True: {200: 1, 503: 1}}
    used = [(use.release, use.app_code, use.calls, use.errors) for use in gateway.plane.take_usage()]
    assert sorted(used) == [("1.0.0", "shop", 2, 0), ("1.1.0", "new", 2, 1)]
    assert gateway.plane.take_usage() == []


async def test_an_upstream_cannot_claim_a_release(gateway: Gateway) -> None:
    gateway.upstream.headers.append((b"X-Trunkline-Release", b"9.9.9"))
    answer = await gateway.call("/api/cmdb/prod/search")
    assert answer.headers.get_list("x-trunkline-release") == ["1.0.0"]
