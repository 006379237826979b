"""A system written out as a document and made of one: the same state, planned first, all of it or nothing."""

import json
from typing import Any

import httpx
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kernel.settings import Settings
from tests.support.certificates import self_signed
from tests.support.management import UPSTREAM, Management, document

Manifest = dict[str, Any]
SECURE = "https://127.0.0.1:9443"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    origins = (*settings.allowed_upstream_origins, SECURE)
    return settings.model_copy(update={"allowed_upstream_origins": origins})


def manifest(**more: Any) -> Manifest:
    prod = {"name": "prod", "release": "1.0.0", "upstreams": {"default": {"targets": [{"url": UPSTREAM}]}}}
    find = {"name": "find", "method": "GET", "path": "/find"}
    return {"name": "cmdb", "title": "CMDB", "components": [find], "stages": [prod], **more}


def stage(name: str, **more: Any) -> dict[str, Any]:
    return manifest()["stages"][0] | {"name": name, **more}


async def apply(management: Management, body: Manifest, verb: str = "apply") -> httpx.Response:
    return await management.client.post(f"/v1/systems/{body['name']}:{verb}", json=body)


async def applied(management: Management, body: Manifest) -> list[tuple[str, str, str]]:
    answer = await apply(management, body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["live"] is True
    return [(each["action"], each["what"], each["name"]) for each in answer.json()["changes"]]


async def exported(management: Management, name: str = "cmdb") -> Manifest:
    answer = await management.client.get(f"/v1/systems/{name}/export")
    assert answer.status_code == 200, answer.text
    found: Manifest = answer.json()
    return found


async def test_a_system_is_made_of_a_document_and_live(management: Management) -> None:
    assert await applied(management, manifest()) == [
        ("create", "system", "cmdb"),
        ("create", "component", "find"),
        ("create", "release", "1.0.0"),
        ("create", "stage", "prod"),
    ]
    served = management.holder.current.systems["cmdb"].stages["prod"]
    assert (served.settings.release, set(served.components)) == ("1.0.0", {"find"})
    assert served.settings.signing.profile == "http-message-signature"


async def test_what_is_applied_again_and_what_is_exported_change_nothing(management: Management) -> None:
    await applied(management, manifest())
    assert await applied(management, manifest()) == []
    assert await applied(management, await exported(management)) == []


async def test_an_imported_system_comes_back_from_its_export(management: Management) -> None:
    await management.import_system(document(), aliases=["cc"], envelope=True)
    await management.client.post("/v1/systems/cmdb/stages", json={"name": "test", "variables": {"a": "b"}})
    written = await exported(management)
    assert [release["version"] for release in written["releases"]] == ["1.0.0"]
    assert await applied(management, written) == []


async def test_a_new_version_in_a_stage_is_a_release_of_the_components(management: Management) -> None:
    await applied(management, manifest())
    changed = manifest(components=[*manifest()["components"], {"name": "other", "method": "GET", "path": "/other"}])
    changed["stages"] = [stage("prod", release="1.1.0")]
    assert await applied(management, changed) == [
        ("create", "component", "other"),
        ("create", "release", "1.1.0"),
        ("change", "stage", "prod"),
    ]
    history = (await management.client.get("/v1/systems/cmdb/stages/prod/activations")).json()["items"]
    assert [(each["release"], each["comment"]) for each in history] == [("1.1.0", "applied"), ("1.0.0", "applied")]
    back = await management.client.post("/v1/systems/cmdb/stages/prod:rollback", json={})
    assert back.json()["release"] == "1.0.0"


async def test_a_version_that_tells_callers_too_little_is_refused_here_too(management: Management) -> None:
    await applied(management, manifest())
    changed = manifest(components=[{"name": "other", "method": "GET", "path": "/other"}])
    changed["stages"] = [stage("prod", release="1.1.0")]
    answer = await apply(management, changed)
    assert answer.status_code == 422
    assert "2.0.0" in answer.json()["errors"][0]["remedy"]
    assert [each["name"] for each in (await exported(management))["components"]] == ["find"]


async def test_a_plan_says_what_an_apply_does_and_does_nothing(management: Management) -> None:
    await applied(management, manifest())
    before, revision = await exported(management), management.holder.current.revision
    records = len(await management.audit("system", "cmdb"))
    changed = manifest(
        title="Inventory",
        policies=[{"kind": "rate-limit", "config": {"rates": {"__default": [{"period": 1, "tokens": 5}]}}}],
    )
    changed["stages"] = [stage("prod", envelope=True), stage("test", variables={"area": "eu"})]
    answer = await apply(management, changed, "plan")
    assert answer.status_code == 200, answer.text
    planned = answer.json()["changes"]
    assert planned == [
        {
            "action": "change",
            "what": "system",
            "name": "cmdb",
            "details": ["title: CMDB becomes Inventory", "policy rate-limit is new"],
        },
        {"action": "change", "what": "stage", "name": "prod", "details": ["envelope: False becomes True"]},
        {"action": "create", "what": "stage", "name": "test", "details": ["release 1.0.0"]},
    ]
    assert await exported(management) == before
    assert management.holder.current.revision == revision
    assert len(await management.audit("system", "cmdb")) == records
    done = (await apply(management, changed)).json()
    assert done["changes"] == planned
    assert management.holder.current.systems["cmdb"].stages["prod"].settings.envelope is True


async def test_stages_that_are_left_out_are_removed(management: Management) -> None:
    await applied(management, manifest(stages=[stage("prod"), stage("test")]))
    assert await applied(management, manifest()) == [("remove", "stage", "test")]
    assert set(management.holder.current.systems["cmdb"].stages) == {"prod"}


async def test_a_canary_is_part_of_the_document(management: Management) -> None:
    await applied(management, manifest())
    tried = manifest(components=[{"name": "find", "method": "GET", "path": "/find", "timeout": 3}])
    tried["stages"] = [stage("prod", canary={"release": "1.0.1", "share": 10, "apps": ["shop"]})]
    assert ("create", "release", "1.0.1") in await applied(management, tried)
    canary = management.holder.current.systems["cmdb"].stages["prod"].canary
    assert canary is not None
    assert (canary.release, canary.share, canary.apps) == ("1.0.1", 10, {"shop"})
    tried["stages"][0]["canary"]["share"] = 20
    assert await applied(management, tried) == [("change", "stage", "prod")]
    widened = management.holder.current.systems["cmdb"].stages["prod"].canary
    assert widened is not None
    assert (widened.share, widened.salt) == (20, canary.salt)
    assert await applied(management, await exported(management)) == []


async def test_a_trial_goes_on_with_the_same_callers_when_the_stage_serves_another_release(
    management: Management,
) -> None:
    await applied(management, manifest())
    for timeout, release in ((3, "1.0.1"), (4, "1.0.2")):
        made = manifest(components=[{"name": "find", "method": "GET", "path": "/find", "timeout": timeout}])
        await applied(management, made | {"stages": [stage("prod", release=release)]})
    tried = made | {"stages": [stage("prod", canary={"release": "1.0.2", "share": 10})]}
    await applied(management, tried)
    before = management.holder.current.systems["cmdb"].stages["prod"].canary
    tried["stages"][0]["release"] = "1.0.1"
    assert await applied(management, tried) == [("change", "stage", "prod")]
    served = management.holder.current.systems["cmdb"].stages["prod"]
    assert served.settings.release == "1.0.1"
    assert before is not None
    assert served.canary is not None
    assert (served.canary.release, served.canary.salt) == ("1.0.2", before.salt)


async def test_secrets_are_in_no_document_and_stay_where_they_are(management: Management) -> None:
    await applied(management, manifest())
    signing = {"profile": "basic", "username": "gate", "password": "let-me-in-please"}
    put = await management.client.put("/v1/systems/cmdb/stages/prod/signing", json=signing)
    assert put.status_code == 200, put.text
    written = await exported(management)
    assert "let-me-in-please" not in json.dumps(written)
    assert written["stages"][0]["signing"] == {"profile": "basic", "username": "gate"}
    assert await applied(management, written) == []
    written["stages"][0]["signing"]["username"] = "other"
    assert await applied(management, written) == [("change", "stage", "prod")]
    assert await applied(management, await exported(management)) == []


async def test_a_secret_that_is_nowhere_is_asked_for_and_one_in_a_document_refused(management: Management) -> None:
    new = manifest(stages=[stage("prod", signing={"profile": "bearer"})])
    answer = await apply(management, new)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "stages.prod.signing"
    assert (await management.client.get("/v1/systems/cmdb")).status_code == 404
    told = manifest(stages=[stage("prod", signing={"profile": "bearer", "token": "secret-secret"})])
    assert (await apply(management, told)).status_code == 422


async def test_the_key_of_a_client_certificate_stays_where_it_is(management: Management) -> None:
    await applied(management, manifest())
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    certificate = self_signed("gateway", key)
    secure = {"targets": [{"url": SECURE}], "tls": {"certificate": certificate, "private_key": private}}
    put = await management.client.put("/v1/systems/cmdb/stages/prod/upstreams/default", json=secure)
    assert put.status_code == 200, put.text
    written = await exported(management)
    assert "PRIVATE" not in json.dumps(written)
    assert await applied(management, written) == []
    written["stages"][0]["upstreams"]["default"]["timeout"] = 7
    assert await applied(management, written) == [("change", "stage", "prod")]
    upstream = management.holder.current.systems["cmdb"].stages["prod"].settings.upstreams["default"]
    tls = upstream.targets[0].origin.tls
    assert tls is not None
    assert (upstream.timeout, tls.key.decode()) == (7, private)
    elsewhere = await apply(management, {**manifest(), "name": "other", "stages": written["stages"]})
    assert elsewhere.json()["errors"][0]["field"] == "stages.prod.upstreams.default.tls.certificate"
    told = await apply(management, manifest(stages=[stage("prod", upstreams={"default": secure})]))
    assert told.status_code == 422


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"stages": [stage("test")]}, 422, "stages"),
        ({"stages": [stage("prod"), stage("prod")]}, 422, "stages.prod"),
        (
            {"stages": [stage("prod", upstreams={"other": {"targets": [{"url": UPSTREAM}]}})]},
            422,
            "stages.prod.upstreams",
        ),
        (
            {"stages": [stage("prod", upstreams={"default": {"targets": [{"url": "http://10.0.0.1/"}]}})]},
            422,
            "stages.prod.upstreams.default.targets.0.url",
        ),
        (
            {
                "stages": [
                    stage("prod"),
                    stage("test", upstreams={"default": {"targets": [{"url": "http://10.0.0.1/"}]}}),
                ]
            },
            422,
            "stages.test.upstreams.default.targets.0.url",
        ),
        *(
            ({"stages": [stage("prod", upstreams={"default": upstream})]}, 422, f"stages.prod.upstreams.default.{at}")
            for upstream, at in (
                ({"targets": [{"url": UPSTREAM}, {"url": f"{UPSTREAM}/"}]}, "targets.1.url"),
                ({"targets": [{"url": UPSTREAM}, {"url": f"{SECURE}/other"}]}, "targets"),
                ({"targets": [{"url": UPSTREAM}], "tls": {}}, "tls"),
                ({"targets": [{"url": SECURE}], "tls": {"authority": "no PEM"}}, "tls"),
            )
        ),
        ({"stages": [stage("prod"), stage("test", release="1.2.0")]}, 422, "stages"),
        ({"components": [{"name": "find", "method": "GET", "path": "no slash"}]}, 422, "components.0.path"),
        ({"components": [{"name": "find", "method": "GET", "path": "/a//b"}]}, 422, "components.find.path"),
        ({"policies": [{"kind": "magic", "config": {}}]}, 422, "policies.0.kind"),
        ({"owner": "ghost"}, 422, "owner"),
        ({"format": "trunkline.system/9"}, 422, "format"),
        ({"colour": "red"}, 422, "colour"),
    ],
)
async def test_a_document_that_cannot_be_changes_nothing_and_the_place_is_named(
    management: Management, change: dict[str, Any], status: int, field: str
) -> None:
    for verb in ("plan", "apply"):
        answer = await apply(management, manifest(**change), verb)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (status, field), answer.text
    assert (await management.client.get("/v1/systems/cmdb")).status_code == 404


async def test_a_release_never_changes(management: Management) -> None:
    await applied(management, manifest())
    other = {"version": "1.0.0", "components": [{"name": "other", "method": "GET", "path": "/other"}]}
    answer = await apply(management, manifest(releases=[other]))
    assert (answer.status_code, answer.json()["code"]) == (409, "release_differs")
    older = await apply(management, manifest(releases=[{**other, "version": "0.9.0"}]))
    assert older.json()["code"] == "release_differs"


async def test_an_apply_is_on_record_with_before_and_after(management: Management) -> None:
    await applied(management, manifest())
    await applied(management, manifest(stages=[stage("prod", envelope=True), stage("test")]))
    found = await management.audit("system", "cmdb")
    changed, created = [each for each in found if each.action.startswith("stage.")][-2:]
    assert changed.before is not None
    assert changed.after is not None
    assert (changed.action, changed.before["stage"]) == ("stage.changed", "prod")
    assert (changed.before["envelope"], changed.after["envelope"]) == (False, True)
    assert created.after is not None
    assert (created.action, created.before, created.after["stage"]) == ("stage.created", None, "test")


async def test_the_address_and_the_document_name_one_system(management: Management) -> None:
    answer = await management.client.post("/v1/systems/other:apply", json=manifest())
    assert answer.status_code == 422


async def test_only_those_who_manage_the_system_export_and_apply_it(management: Management) -> None:
    ann = await management.person("ann")
    assert (await ann.post("/v1/systems/cmdb:apply", json=manifest())).status_code == 403
    await applied(management, manifest())
    for verb in ("plan", "apply"):
        assert (await ann.post(f"/v1/systems/cmdb:{verb}", json=manifest())).status_code == 403
    assert (await ann.get("/v1/systems/cmdb/export")).status_code == 403


async def test_an_export_as_yaml_says_the_same(management: Management) -> None:
    await applied(management, manifest(description="Überblick 资产"))
    answer = await management.client.get("/v1/systems/cmdb/export?format=yaml")
    assert answer.headers["content-type"].startswith("application/yaml")
    assert "资产" in answer.text
    assert yaml.safe_load(answer.text) == await exported(management)
