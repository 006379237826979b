"""Apps that prove themselves by signing: what is taken, from whom, and only once."""

import asyncio
import json
import time
from typing import Any

import httpx
import pytest
from authlib.oauth2.rfc7523 import private_key_jwt_sign
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from gateway.oauth.client_authentication import client_keys
from gateway.oauth.client_authentication.assertions import TYPE
from kernel.ids import new_id
from kernel.settings import Settings
from tests.support.backend import Backend, serving_backend
from tests.support.management import Management

ISSUER = "http://127.0.0.1:8080"
KEY = ECKey.generate_key("P-256", {"kid": "one"})


@pytest.fixture
def backend() -> Any:
    with serving_backend() as running:
        yield running


@pytest.fixture
def settings(settings: Settings, backend: Backend) -> Settings:
    return settings.model_copy(update={"allowed_upstream_origins": (backend.url,)})


def jwks(*keys: Any) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False) for key in keys]}


async def app(management: Management, code: str = "shop", **settings: Any) -> None:
    await management.app_with_secret(code)
    body = {"token_endpoint_auth_method": "private_key_jwt", **settings}
    answer = await management.client.put(f"/v1/apps/{code}/oauth", json=body)
    assert answer.status_code == 200, answer.text


def assertion(
    management: Management,
    key: Any = KEY,
    algorithm: str = "ES256",
    header: dict[str, Any] | None = None,
    **claims: Any,
) -> str:
    now = int(management.clock.now().timestamp())
    told = {"iss": "shop", "sub": "shop", "aud": ISSUER, "jti": new_id(), "iat": now, "exp": now + 60, **claims}
    told = {name: value for name, value in told.items() if value is not None}
    head = {"alg": algorithm, "kid": key.kid, **(header or {})}
    return jwt.encode({name: value for name, value in head.items() if value is not None}, told, key, [algorithm])


async def ask(management: Management, value: str, **form: str) -> httpx.Response:
    data = {"grant_type": "client_credentials", "client_assertion_type": TYPE, "client_assertion": value, **form}
    async with management.anonymous() as client:
        return await client.post("/oauth/token", data=data)


def reason(answer: httpx.Response, error: str = "invalid_client") -> str:
    assert answer.json()["error"] == error, answer.text
    assert answer.status_code == (401 if error == "invalid_client" else 400)
    said: str = answer.json()["error_description"]
    return said


KEYS: dict[str, Any] = {
    "ES256": KEY,
    "Ed25519": OKPKey.generate_key("Ed25519", {"kid": "ed"}),
    "PS256": RSAKey.generate_key(2048, {"kid": "rsa"}),
    "RS256": RSAKey.generate_key(2048, {"kid": "rsa-2"}),
}


@pytest.mark.rfc("9700", "2.5", "clients can prove themselves by asymmetric cryptography")
async def test_a_signed_assertion_proves_the_app_by_each_algorithm(management: Management) -> None:
    await app(management, jwks=jwks(*KEYS.values()))
    for algorithm, key in KEYS.items():
        answer = await ask(management, assertion(management, key, algorithm))
        assert answer.status_code == 200, answer.text
    without_kid = assertion(management, header={"kid": None, "typ": "client-authentication+jwt"}, aud=[ISSUER])
    assert (await ask(management, without_kid, client_id="shop")).status_code == 200
    metadata = (await management.client.get("/.well-known/oauth-authorization-server")).json()
    assert "private_key_jwt" in metadata["token_endpoint_auth_methods_supported"]
    assert set(KEYS) <= set(metadata["token_endpoint_auth_signing_alg_values_supported"])


async def test_what_authlib_signs_is_taken(management: Management) -> None:
    await app(management, jwks=jwks(KEY))
    management.clock.current = management.clock.current.fromtimestamp(time.time(), management.clock.current.tzinfo)
    made = private_key_jwt_sign(KEY, "shop", ISSUER, alg="ES256", header={"kid": "one"})
    assert (await ask(management, made)).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"aud": f"{ISSUER}/oauth/token"}, "aud"),
        ({"aud": [ISSUER, "https://other.example"]}, "aud"),
        ({"aud": None}, "aud"),
        ({"iss": "bank"}, "iss and sub"),
        ({"exp": None}, "exp"),
        ({"exp": 1}, "exp"),
        ({"exp": 9_999_999_999}, "exp"),
        ({"nbf": 9_999_999_999}, "nbf"),
        ({"iat": 9_999_999_999}, "iat"),
        ({"jti": None}, "jti"),
        ({"jti": "x" * 300}, "jti"),
        ({"header": {"typ": "at+jwt"}}, "typ"),
    ],
    ids=str,
)
@pytest.mark.rfc("7523", "3", "an assertion that is not for us, or does not hold now, is refused")
async def test_an_assertion_that_does_not_hold_is_refused_with_its_reason_whoever_sends_it(
    management: Management, wrong: dict[str, Any], said: str
) -> None:
    await app(management, jwks=jwks(KEY))
    for subject in ("shop", "ghost"):
        value = assertion(management, **{"iss": subject, "sub": subject} | wrong)
        assert said in reason(await ask(management, value))


async def test_another_key_app_or_method_proves_nothing_in_the_same_words(management: Management) -> None:
    await app(management, jwks=jwks(KEY))
    await app(management, "bank", jwks=jwks(ECKey.generate_key("P-256", {"kid": "two"})))
    await management.app_with_secret("plain")
    said = {
        reason(await ask(management, value))
        for value in (
            assertion(management, ECKey.generate_key("P-256", {"kid": "one"})),
            assertion(management, header={"kid": "unknown"}),
            assertion(management, iss="bank", sub="bank"),
            assertion(management, iss="ghost", sub="ghost"),
            assertion(management, iss="plain", sub="plain"),
            assertion(management)[:-6] + "AAAAAA",
        )
    }
    assert len(said) == 1
    async with management.anonymous() as client:
        by_secret = await client.post(
            "/oauth/token", data={"grant_type": "client_credentials"}, auth=("shop", "any secret")
        )
    assert by_secret.status_code == 401


async def test_a_client_that_proves_itself_twice_or_otherwise_than_it_says_is_refused(management: Management) -> None:
    await app(management, jwks=jwks(KEY))
    value = assertion(management)
    assert "twice" in reason(await ask(management, value, client_secret="x"), "invalid_request")
    assert "client_id" in reason(await ask(management, value, client_id="bank"), "invalid_request")
    assert TYPE in reason(await ask(management, value, client_assertion_type="x"), "invalid_request")
    assert "signed token" in reason(await ask(management, "a.b.c"))


@pytest.mark.rfc("7523", "3", "an assertion is taken once, whichever process it comes to")
async def test_an_assertion_is_taken_once_however_many_come_at_once(management: Management) -> None:
    await app(management, jwks=jwks(KEY))
    value = assertion(management, jti="the same")
    answers = await asyncio.gather(*(ask(management, value) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401]
    assert (await ask(management, assertion(management, jti="the same"))).status_code == 401
    assert (await ask(management, assertion(management))).status_code == 200


async def test_keys_are_fetched_from_the_apps_address_and_kept(management: Management, backend: Backend) -> None:
    backend.body = json_of(jwks(KEY))
    await app(management, jwks_uri=f"{backend.url}/keys")
    answers = await asyncio.gather(*(ask(management, assertion(management)) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(backend.received) == 1


async def test_a_new_key_is_fetched_once_and_not_for_everybody_who_sends_nonsense(
    management: Management, backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend.body = json_of(jwks(KEY))
    await app(management, jwks_uri=f"{backend.url}/keys")
    assert (await ask(management, assertion(management))).status_code == 200
    new = ECKey.generate_key("P-256", {"kid": "new"})
    backend.body = json_of(jwks(KEY, new))
    for _ in range(3):
        assert (await ask(management, assertion(management, new))).status_code == 401
    assert len(backend.received) == 1
    monkeypatch.setattr(client_keys, "PAUSE_SECONDS", -1)
    assert (await ask(management, assertion(management, new))).status_code == 200
    assert len(backend.received) == 2


async def test_an_address_inside_or_one_that_does_not_answer_gives_no_keys(
    management: Management, backend: Backend
) -> None:
    backend.body = json_of(jwks(KEY))
    inside = backend.url.replace("127.0.0.1", "localhost")  # another origin than the one that was permitted
    await app(management, "inside", jwks_uri=f"{inside}/keys")
    assert (await ask(management, assertion(management, iss="inside", sub="inside"))).status_code == 401
    assert backend.received == []
    for code, status, body in (("moved", 302, backend.body), ("list", 200, b"[]"), ("text", 200, b"no JSON")):
        backend.status, backend.body = status, body
        await app(management, code, jwks_uri=f"{backend.url}/{code}")
        assert (await ask(management, assertion(management, iss=code, sub=code))).status_code == 401


def json_of(value: Any) -> bytes:

    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("settings_sent", "field"),
    [
        ({}, "jwks"),
        ({"jwks": jwks(KEY), "jwks_uri": "https://a.example/keys"}, "jwks"),
        ({"jwks": {"keys": []}}, "jwks"),
        ({"jwks": {"keys": [KEY.as_dict(private=True)]}}, "jwks.keys.0"),
        ({"jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}}, "jwks.keys.0"),
        ({"jwks": {"keys": [{"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}}, "jwks.keys.0"),
        ({"jwks": jwks(KEY, ECKey.generate_key("P-384"))}, "jwks.keys.1"),
        ({"jwks_uri": "http://a.example/keys"}, "jwks_uri"),
        ({"jwks_uri": "https://user@a.example/keys"}, "jwks_uri"),
        ({"jwks_uri": "file:///etc/passwd"}, "jwks_uri"),
    ],
    ids=["none", "both", "empty", "private", "shared", "short", "another curve", "http", "user", "file"],
)
async def test_keys_that_could_not_be_used_are_refused_when_they_are_set(
    management: Management, settings_sent: dict[str, Any], field: str
) -> None:
    await management.app_with_secret("shop")
    body = {"token_endpoint_auth_method": "private_key_jwt", **settings_sent}
    answer = await management.client.put("/v1/apps/shop/oauth", json=body)
    assert answer.status_code == 422
    assert [problem["field"] for problem in answer.json()["errors"]] == [field]
