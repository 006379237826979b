"""A system's key changes without a call that fails: the old and the new one overlap until the old one is retired."""

from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from gateway.snapshot.model.routes import Signing
from kernel.signing.algorithms import algorithm_of, load_signing_key
from kernel.signing.jwt import load_private_key, sign_for_gateway_shape
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
    management.clock.advance(hours=2)
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
