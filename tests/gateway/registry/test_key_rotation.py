"""A system's key changes without a call that fails: the old and the new one overlap until the old one is retired."""

from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from gateway.snapshot.model.routes import Signing
from kernel.contracts.authorizer import Resource, ResourceKind
from kernel.principal import system_principal
from kernel.signing.algorithms import algorithm_of, load_signing_key
from kernel.signing.jwt import load_private_key, sign_for_esb_shape, sign_for_gateway_shape
from tests.support.management import Management, document

KEYS = "/v1/systems/cmdb/keys"
MESSAGE = "http-message-signature"
REGISTRY = JWSRegistry(algorithms=["RS512"], strict_check_header=False)  # BlueKing's header has iat and iss too


def served(management: Management) -> Signing:
    return management.holder.current.systems["cmdb"].stages["prod"].settings.signing


async def rotate(management: Management, **body: Any) -> dict[str, Any]:
    answer = await management.client.post(f"{KEYS}:rotate", json={"profile": MESSAGE, **body})
    assert answer.status_code == 201, answer.text
    assert answer.json()["live"] is True
    rotated: dict[str, Any] = answer.json()["key"]
    return rotated


async def test_a_new_key_signs_at_once_and_the_old_one_verifies_until_it_is_retired(management: Management) -> None:
    await management.import_system(document())
    old = served(management)
    new = await rotate(management)
    assert (new["key_id"], new["signs"], new["algorithm"]) == ("cmdb-2", True, "hmac-sha256")
    assert served(management).key_id == "cmdb-2"
    keys = await management.unit.system_keys.verification_keys("cmdb")
    assert keys == {"cmdb": old.secret, "cmdb-2": served(management).secret}
    revealed = (await management.client.post("/v1/systems/cmdb:reveal-keys")).json()["items"]
    assert [key["key_id"] for key in revealed] == ["cmdb-2", "cmdb"]
    assert (await management.client.post(f"{KEYS}/{MESSAGE}/cmdb:retire")).json()["live"] is True
    assert set(await management.unit.system_keys.verification_keys("cmdb")) == {"cmdb-2"}
    listed = (await management.client.get(KEYS)).json()["items"]
    assert [(key["key_id"], key["retired_at"] is not None) for key in listed] == [("cmdb-2", False), ("cmdb", True)]
    assert await rotate(management) | {"key_id": "cmdb-3"} == await newest(management)


async def newest(management: Management) -> dict[str, Any]:
    first: dict[str, Any] = (await management.client.get(KEYS)).json()["items"][0]
    return first


async def test_a_key_may_begin_to_sign_later_so_that_who_verifies_has_time(management: Management) -> None:
    await management.import_system(document())
    moment = management.clock.now() + timedelta(hours=1)
    new = await rotate(management, signs_from=moment.isoformat())
    assert new["signs"] is False
    assert served(management).key_id == "cmdb"
    assert set(await management.unit.system_keys.verification_keys("cmdb")) == {"cmdb", "cmdb-2"}
    services = management.unit.services
    await services.key_rotation.switch_due(services.database)
    assert served(management).key_id == "cmdb"
    await management.pass_time(hours=2)
    await services.key_rotation.switch_due(services.database)
    await services.live.wait_live(await services.live.revision())
    assert served(management).key_id == "cmdb-2"
    assert (await newest(management))["signs"] is True


@pytest.mark.parametrize("algorithm", ["ed25519", "ecdsa-p256-sha256"])
async def test_with_a_key_pair_the_system_holds_no_secret(management: Management, algorithm: str) -> None:
    await management.import_system(document())
    new = await rotate(management, algorithm=algorithm)
    assert new["algorithm"] == algorithm
    assert new["public_key"].startswith("-----BEGIN PUBLIC KEY-----")
    assert algorithm_of(load_signing_key(served(management).secret)) == algorithm
    verifying = (await management.unit.system_keys.verification_keys("cmdb"))["cmdb-2"]
    assert algorithm_of(verifying) == algorithm
    (shown,) = (await management.anonymous().get(f"{KEYS}/public")).json()["keys"]
    assert (shown["kid"], "d" in shown) == ("cmdb-2", False)


async def test_public_keys_are_open_to_everybody_and_verify_tokens_through_a_rotation(management: Management) -> None:
    await management.import_system(document(), signing="jwt")
    signing = {"profile": "jwt", "kid": "key"}
    assert (await management.client.put("/v1/systems/cmdb/stages/prod/signing", json=signing)).status_code == 200
    tokens = [await token_of(management)]
    await rotate(management, profile="jwt")
    tokens.append(await token_of(management))
    published = (await management.anonymous().get(f"{KEYS}/public")).json()
    assert [key["kid"] for key in published["keys"]] == ["cmdb-2", "cmdb", "apigw"]
    for signed in tokens:
        assert jwt.decode(signed, KeySet.import_key_set(published), registry=REGISTRY).claims["app"]["verified"]
    assert (await management.anonymous().get("/v1/systems/nowhere/keys/public")).status_code == 404


async def token_of(management: Management) -> str:
    signing = served(management)
    return sign_for_gateway_shape(
        load_private_key(signing.secret), key_id=signing.key_id, issuer="x", app_code="a", username=None, now=1
    )


async def test_blueking_readers_find_the_key_by_the_systems_name_through_a_rotation(management: Management) -> None:
    await management.import_system(document(), signing="jwt")
    await rotate(management, profile="jwt")
    assert served(management).key_id == "cmdb"
    async with management.kernel.database.reading() as session:
        public = await management.unit.services.system_keys.public_key(session, "cmdb")
    assert public == (await newest(management))["public_key"]


ESB_KEYS = "/v1/systems/apigw/keys"


def on_the_esb(management: Management, system: str) -> str:
    """The key's name and a token that it signed."""
    signing = management.holder.current.systems[system].stages["prod"].settings.signing
    return sign_for_esb_shape(
        load_private_key(signing.esb_secret),
        key_id=signing.esb_key_id,
        issuer="x",
        app_code="a",
        username=None,
        now=1,
    )


async def test_the_key_of_the_esbs_addresses_changes_for_all_systems_with_an_overlap(management: Management) -> None:
    for name in ("cmdb", "jobs"):
        await management.import_system(document(), name, signing="jwt")
        signing = {"profile": "jwt", "kid": "key"}
        assert (await management.client.put(f"/v1/systems/{name}/stages/prod/signing", json=signing)).is_success
    await management.import_system(document(), "other")
    tokens = [on_the_esb(management, name) for name in ("cmdb", "jobs")]
    moment = management.clock.now() + timedelta(hours=1)
    waiting = await management.client.post(
        f"{ESB_KEYS}:rotate", json={"profile": "jwt", "signs_from": moment.isoformat()}
    )
    assert (waiting.status_code, waiting.json()["key"]["key_id"]) == (201, "apigw-2"), waiting.text
    assert [on_the_esb(management, name) for name in ("cmdb", "jobs")] == tokens
    ahead = {name: await public_keys(management, name) for name in ("cmdb", "jobs", "apigw")}
    assert {name: sorted(each["kid"] for each in keys["keys"]) for name, keys in ahead.items()} == {
        "cmdb": ["apigw", "apigw-2", "cmdb"],
        "jobs": ["apigw", "apigw-2", "jobs"],
        "apigw": ["apigw", "apigw-2"],
    }
    await management.pass_time(hours=2)
    services = management.unit.services
    await services.key_rotation.switch_due(services.database)
    await services.live.wait_live(await services.live.revision())
    later = [on_the_esb(management, name) for name in ("cmdb", "jobs")]
    assert set(later).isdisjoint(tokens)
    for token in (*tokens, *later):
        assert jwt.decode(token, KeySet.import_key_set(ahead["apigw"]), registry=REGISTRY).claims["app"]["verified"]
    assert (await management.client.post(f"{ESB_KEYS}/jwt/apigw-2:retire")).status_code == 409
    assert (await management.client.post(f"{ESB_KEYS}/jwt/apigw:retire")).json()["live"] is True
    assert [each["kid"] for each in (await public_keys(management, "apigw"))["keys"]] == ["apigw-2"]
    told = [row.action for row in await management.audit("system", "apigw")]
    assert told == ["system_key.rotated", "system_key.switched", "system_key.retired"]


async def public_keys(management: Management, system: str) -> dict[str, Any]:
    published: dict[str, Any] = (await management.anonymous().get(f"/v1/systems/{system}/keys/public")).json()
    return published


async def test_who_knows_one_name_for_the_esbs_key_finds_it_there_through_a_rotation(management: Management) -> None:
    await management.import_system(document(), signing="jwt")
    before = on_the_esb(management, "cmdb")
    assert (await management.client.post(f"{ESB_KEYS}:rotate", json={"profile": "jwt"})).json()["live"] is True
    after = on_the_esb(management, "cmdb")
    assert after != before
    assert served(management).esb_key_id == "apigw"


async def test_the_key_of_the_esbs_addresses_is_for_administrators(management: Management) -> None:
    await management.import_system(document(), signing="jwt")
    somebody = await management.person("somebody")
    async with management.kernel.database.unit_of_work() as session:
        system = Resource(ResourceKind.SYSTEM, "cmdb")
        await management.unit.authorizer.bind_role(session, system_principal("test"), "somebody", "owner", system)
    for answer in (
        await somebody.get(ESB_KEYS),
        await somebody.post(f"{ESB_KEYS}:rotate", json={"profile": "jwt"}),
        await somebody.post(f"{ESB_KEYS}/jwt/apigw:retire"),
    ):
        assert answer.status_code == 403
    refused = await management.client.post(f"{ESB_KEYS}:rotate", json={"profile": MESSAGE})
    assert refused.status_code == 409
    assert [each["kid"] for each in (await public_keys(management, "apigw"))["keys"]] == ["apigw"]


async def test_the_key_that_signs_is_not_retired_and_one_that_is_not_there_neither(management: Management) -> None:
    await management.import_system(document())
    refused = await management.client.post(f"{KEYS}/{MESSAGE}/cmdb:retire")
    assert refused.status_code == 409
    assert (await management.client.post(f"{KEYS}/{MESSAGE}/cmdb-9:retire")).status_code == 404
    assert (await management.client.post(f"{KEYS}:rotate", json={"profile": "jwt"})).status_code == 409
    assert (await management.client.post(f"{KEYS}:rotate", json={"profile": "basic"})).status_code == 422


async def test_only_who_manages_the_system_sees_and_changes_its_keys(management: Management) -> None:
    await management.import_system(document())
    somebody = await management.person("somebody")
    for answer in (
        await somebody.get(KEYS),
        await somebody.post(f"{KEYS}:rotate", json={"profile": MESSAGE}),
        await somebody.post(f"{KEYS}/{MESSAGE}/cmdb:retire"),
    ):
        assert answer.status_code == 403
