"""The keys our tokens are signed with change without a token that is refused."""

import base64
import json
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from gateway.oauth.keys.repository import all_keys
from gateway.oauth.keys.rotation import LEAD
from kernel.signing.access_token import AccessClaims, verify_access_token
from kernel.signing.errors import TokenInvalid
from tests.support.management import Management

KEYS = "/v1/signing-keys"


async def keys_of(management: Management) -> dict[str, dict[str, Any]]:
    """By their states; no two of a state are made here."""
    return {key["state"]: key for key in (await management.client.get(KEYS)).json()["items"]}


async def rotate(management: Management, **body: Any) -> dict[str, Any]:
    answer = await management.client.post(f"{KEYS}:rotate", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["live"] is True
    key: dict[str, Any] = answer.json()["key"]
    return key


async def at_once(management: Management, **body: Any) -> dict[str, Any]:
    return await rotate(management, signs_from=management.clock.now().isoformat(), **body)


async def pass_on(management: Management, **delta: float) -> None:
    """Time passes, and what is due then is done."""
    await management.pass_time(**delta)
    services = management.unit.services
    assert await services.live.wait_live(await services.live.revision(), seconds=10)
    await services.signing_keys.keep(services.database)
    assert await services.live.wait_live(await services.live.revision(), seconds=10)


async def token(management: Management, secret: str) -> str:
    async with management.anonymous() as client:
        answer = await client.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=("shop", secret))
    value: str = answer.json()["access_token"]
    return value


def kid_of(value: str) -> str:
    part = value.partition(".")[0]
    kid: str = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))["kid"]
    return kid


def seen_by_the_gateway(management: Management, value: str) -> AccessClaims:
    shard = management.holder.current.keys
    now = management.clock.now().timestamp()
    return verify_access_token(value, shard.keys, issuer=shard.issuer, audience=shard.audience, now=now)


async def jwks(management: Management) -> dict[str, Any]:
    management.unit.services.oauth.documents._kept._cache.clear()
    async with management.anonymous() as client:
        found: dict[str, Any] = (await client.get("/oauth/jwks")).json()
    return found


async def test_a_new_key_is_told_before_it_signs_and_the_old_one_verifies_what_it_signed(
    management: Management,
) -> None:
    secret = await management.app_with_secret("shop")
    before = await token(management, secret)
    new = await rotate(management)
    assert new["state"] == "waiting"
    assert {key["kid"] for key in (await jwks(management))["keys"]} == {kid_of(before), new["kid"]}
    assert set(management.holder.current.keys.keys) == {kid_of(before), new["kid"]}
    await pass_on(management, seconds=LEAD.total_seconds() - 1)
    assert kid_of(await token(management, secret)) == kid_of(before)
    await pass_on(management, seconds=1)
    after = await token(management, secret)
    assert kid_of(after) == new["kid"]
    for value in (before, after):
        assert seen_by_the_gateway(management, value).client_id == "shop"
    states = await keys_of(management)
    assert (states["signs"]["kid"], states["verifies"]["kid"]) == (new["kid"], kid_of(before))


async def test_a_key_is_retired_when_its_last_token_has_expired_and_its_private_half_is_erased(
    management: Management,
) -> None:
    secret = await management.app_with_secret("shop")
    old = kid_of(await token(management, secret))
    new = await at_once(management)
    assert (new["state"], kid_of(await token(management, secret))) == ("signs", new["kid"])
    await pass_on(management, hours=24)
    assert old in management.holder.current.keys.keys
    await pass_on(management, minutes=1)
    assert set(management.holder.current.keys.keys) == {new["kid"]}
    assert [key["kid"] for key in (await jwks(management))["keys"]] == [new["kid"]]
    assert (await keys_of(management))["retired"]["kid"] == old
    async with management.kernel.database.reading() as session:
        rows = {key.kid: key for key in await all_keys(session)}
    assert rows[old].sealed_private_key is None
    assert rows[new["kid"]].sealed_private_key is not None
    actions = [record.action for record in await management.audit("signing_key", old)]
    assert actions == ["signing_key.retired"]


async def test_a_key_that_is_retired_by_hand_verifies_nothing_any_more(management: Management) -> None:
    secret = await management.app_with_secret("shop")
    stolen = await token(management, secret)
    assert (await management.client.post(f"{KEYS}/{kid_of(stolen)}:retire")).status_code == 409
    await at_once(management)
    answer = await management.client.post(f"{KEYS}/{kid_of(stolen)}:retire")
    assert answer.json()["live"] is True
    with pytest.raises(TokenInvalid, match="not known"):
        seen_by_the_gateway(management, stolen)
    assert seen_by_the_gateway(management, await token(management, secret)).client_id == "shop"
    assert (await management.client.post(f"{KEYS}/{'0' * 32}:retire")).status_code == 404


async def test_an_old_key_is_followed_by_another_by_itself(management: Management) -> None:
    first = (await keys_of(management))["signs"]["kid"]
    await pass_on(management, days=89)
    assert set(await keys_of(management)) == {"signs"}
    await pass_on(management, days=1)
    waiting = (await keys_of(management))["waiting"]["kid"]
    await pass_on(management, minutes=9)
    assert (await keys_of(management))["waiting"]["kid"] == waiting
    await pass_on(management, minutes=1)
    states = await keys_of(management)
    assert (states["signs"]["kid"], states["verifies"]["kid"]) == (waiting, first)
    actions = [record.action for record in await management.audit("signing_key", waiting)]
    assert actions == ["signing_key.made", "signing_key.switched"]


async def test_a_key_waits_until_every_process_knows_it(
    management: Management, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def one_is_behind(_revision: int) -> bool:
        return False

    secret = await management.app_with_secret("shop")
    old = kid_of(await token(management, secret))
    with monkeypatch.context() as patched:
        patched.setattr(management.unit.services.live, "is_live", one_is_behind)
        patched.setattr(management.unit.services.live, "wait_live", one_is_behind)
        answer = await management.client.post(f"{KEYS}:rotate", json={"signs_from": "2020-01-01T00:00:00Z"})
        assert (answer.json()["key"]["state"], answer.json()["live"]) == ("waiting", False)
        assert kid_of(await token(management, secret)) == old
    await pass_on(management, seconds=0)
    assert kid_of(await token(management, secret)) != old


async def test_only_one_key_waits_at_a_time_and_may_be_given_up(management: Management) -> None:
    waiting = await rotate(management)
    refused = await management.client.post(f"{KEYS}:rotate", json={})
    assert (refused.status_code, waiting["kid"] in refused.json()["detail"]) == (409, True)
    assert (await management.client.post(f"{KEYS}/{waiting['kid']}:retire")).status_code == 200
    assert (await rotate(management))["state"] == "waiting"


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256"])
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
async def test_tokens_are_signed_by_either_algorithm(management: Management, algorithm: str) -> None:
    secret = await management.app_with_secret("shop")
    new = await at_once(management, algorithm=algorithm)
    assert new["algorithm"] == algorithm
    value = await token(management, secret)
    read = jwt.decode(value, KeySet.import_key_set(await jwks(management)), algorithms=[algorithm])
    assert (read.header["alg"], read.header["kid"]) == (algorithm, new["kid"])
    assert seen_by_the_gateway(management, value).client_id == "shop"


async def test_keys_are_for_administrators_and_private_halves_for_nobody(management: Management) -> None:
    somebody = await management.person("somebody")
    kid = (await keys_of(management))["signs"]["kid"]
    answers: list[httpx.Response] = [
        await somebody.get(KEYS),
        await somebody.post(f"{KEYS}:rotate", json={}),
        await somebody.post(f"{KEYS}/{kid}:retire"),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert (await management.client.post(f"{KEYS}:rotate", json={"algorithm": "RS256"})).status_code == 422
    assert "PRIVATE" not in (await management.client.get(KEYS)).text
