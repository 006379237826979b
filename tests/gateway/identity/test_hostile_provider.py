"""Identity providers that lie: nothing they send signs anybody in as somebody else."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import ECKey

from kernel.settings import Settings
from tests.support.hostile_provider import HostileProvider
from tests.support.management import Management


@pytest.fixture
async def hostile() -> AsyncIterator[HostileProvider]:
    provider = HostileProvider()
    await provider.start()
    yield provider
    await provider.stop()


@pytest.fixture
def settings(settings: Settings, hostile: HostileProvider) -> Settings:
    return settings.model_copy(update={"public_url": "http://gw.test", "allowed_upstream_origins": (hostile.issuer,)})


@pytest.fixture(autouse=True)
async def configured(management: Management, hostile: HostileProvider) -> None:
    management.clock.current = datetime.now(UTC)
    await put(management, "corp", hostile)


async def put(management: Management, name: str, provider: HostileProvider) -> None:
    body = {"title": "Corp", "issuer": provider.issuer, "client_id": "trunkline", "client_secret": "s"}
    answer = await management.client.put(f"/v1/identity-providers/{name}", json=body)
    assert answer.status_code == 200, answer.text


async def begun(management: Management, provider: HostileProvider, name: str = "corp") -> tuple[httpx.AsyncClient, str]:
    """A browser that began a sign-in, and its state."""
    browser = management.anonymous()
    answer = await browser.get(f"/v1/sign-in/oidc/{name}")
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    provider.nonce = asked["nonce"][0]
    return browser, asked["state"][0]


async def outcome(management: Management, provider: HostileProvider, **query: str) -> str:
    browser, state = await begun(management, provider)
    answer = await browser.get("/v1/sign-in/oidc/corp/callback", params={"code": "c", "state": state, **query})
    is_in = (await browser.get("/v1/session")).status_code == 200
    assert is_in == (answer.headers["location"] == "/")
    return "in" if is_in else parse_qs(urlsplit(answer.headers["location"]).query)["problem"][0]


async def test_the_honest_one_signs_in(management: Management, hostile: HostileProvider) -> None:
    assert await outcome(management, hostile) == "in"


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": ["x"]},
        {"aud": "somebody else"},
        {"aud": ["trunkline", "another"]},
        {"aud": ["trunkline", "another"], "azp": "another"},
        {"azp": "another"},
        {"aud": None},
        {"iss": "https://elsewhere.test"},
        {"iss": None},
        {"exp": 1},
        {"exp": None},
        {"exp": "soon"},
        {"iat": None},
        {"iat": 1},
        {"iat": 4_000_000_000},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 300},
    ],
)
async def test_an_id_token_that_is_not_for_this_sign_in_is_refused(
    management: Management, hostile: HostileProvider, claims: dict[str, Any]
) -> None:
    hostile.claims = claims
    hostile.documents.pop("/userinfo")
    assert await outcome(management, hostile) == "sign_in_refused"


async def test_an_id_token_nobody_signed_is_refused(management: Management, hostile: HostileProvider) -> None:
    hostile.documents["/token"] = lambda _: {"token_type": "Bearer", "id_token": hostile.id_token_unsigned()}
    assert await outcome(management, hostile) == "sign_in_refused"


async def test_an_id_token_signed_with_a_shared_secret_is_refused(
    management: Management, hostile: HostileProvider
) -> None:
    """Also with the public key as the secret, which everybody knows."""
    public = hostile.key.as_pem(private=False)
    for secret in (b"s" * 32, public):
        token = hostile.id_token_by_secret(secret)
        hostile.documents["/token"] = lambda _, token=token: {"token_type": "Bearer", "id_token": token}  # type: ignore[misc]  bound now
        assert await outcome(management, hostile) == "sign_in_refused"


async def test_an_id_token_of_another_key_is_refused(management: Management, hostile: HostileProvider) -> None:
    for kid in ("one", "two"):
        hostile.signing_key = ECKey.generate_key("P-256", {"kid": kid})
        assert await outcome(management, hostile) == "sign_in_refused"


async def test_a_key_that_changed_is_looked_up_once_more(management: Management, hostile: HostileProvider) -> None:
    assert await outcome(management, hostile) == "in"
    hostile.key = ECKey.generate_key("P-256", {"kid": "two"})
    assert await outcome(management, hostile) == "in"
    assert hostile.asked.count("/jwks") == 2
    hostile.signing_key = ECKey.generate_key("P-256", {"kid": "three"})
    for _ in range(3):
        assert await outcome(management, hostile) == "sign_in_refused"
    assert hostile.asked.count("/jwks") == 2


async def test_keys_and_metadata_are_asked_for_once_for_many(management: Management, hostile: HostileProvider) -> None:
    for _ in range(3):
        assert await outcome(management, hostile) == "in"
    assert (hostile.asked.count("/.well-known/openid-configuration"), hostile.asked.count("/jwks")) == (1, 1)


@pytest.mark.parametrize(
    "query",
    [{"iss": "https://elsewhere.test"}, {"state": "another"}, {"state": ""}, {"code": ""}, {"error": "access_denied"}],
)
async def test_an_answer_that_is_not_to_our_request_is_refused(
    management: Management, hostile: HostileProvider, query: dict[str, str]
) -> None:
    assert await outcome(management, hostile, **query) == "sign_in_refused"
    assert "/token" not in hostile.asked


async def test_a_provider_that_promises_iss_must_send_it(management: Management, hostile: HostileProvider) -> None:
    promised = hostile.metadata() | {"authorization_response_iss_parameter_supported": True}
    hostile.documents["/.well-known/openid-configuration"] = lambda _: promised
    assert await outcome(management, hostile) == "sign_in_refused"
    assert await outcome(management, hostile, iss=hostile.issuer) == "in"


async def test_the_code_of_one_provider_is_never_sent_to_another(
    management: Management, hostile: HostileProvider
) -> None:
    """Mix-up: an attacker's provider has the answer of the honest one come back to its own address (RFC 9700 §4.4)."""
    attacker = HostileProvider()
    await attacker.start()
    policy = management.unit.services.settings
    assert attacker.issuer not in policy.allowed_upstream_origins
    try:
        browser, state = await begun(management, hostile)
        await put(management, "evil", attacker)
        answer = await browser.get("/v1/sign-in/oidc/evil/callback", params={"code": "c", "state": state})
        assert "problem=" in answer.headers["location"]
        assert attacker.asked == []
    finally:
        await attacker.stop()


async def test_userinfo_of_somebody_else_is_refused(management: Management, hostile: HostileProvider) -> None:
    hostile.documents["/userinfo"] = lambda _: {"sub": "another", "groups": ["admins"]}
    assert await outcome(management, hostile) == "sign_in_refused"


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "https://elsewhere.test"},
        {"token_endpoint": None},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
)
async def test_metadata_that_cannot_be_is_not_used(
    management: Management, hostile: HostileProvider, changed: dict[str, Any]
) -> None:
    metadata = hostile.metadata() | changed
    hostile.documents["/.well-known/openid-configuration"] = lambda _: metadata
    answer = await management.anonymous().get("/v1/sign-in/oidc/corp")
    assert "problem=identity_provider_away" in answer.headers["location"]


async def test_inner_addresses_are_not_fetched(management: Management, hostile: HostileProvider) -> None:
    inner = HostileProvider()
    await inner.start()
    metadata = hostile.metadata() | {"token_endpoint": f"{inner.issuer}/token"}
    hostile.documents["/.well-known/openid-configuration"] = lambda _: metadata
    assert await outcome(management, hostile) == "sign_in_refused"
    assert inner.asked == []
    await inner.stop()


@pytest.mark.parametrize("answer", [{}, {"id_token": 7}, {"error": "invalid_grant"}, {"id_token": "a.b.c"}, []])
async def test_strange_answers_of_the_token_endpoint_sign_nobody_in(
    management: Management, hostile: HostileProvider, answer: Any
) -> None:
    strange: Callable[[str], Any] = lambda _: answer  # noqa: E731  typed
    hostile.documents["/token"] = strange
    assert await outcome(management, hostile) == "sign_in_refused"
