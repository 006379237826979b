"""Tokens that are bound to a client's key from the token endpoint on (DPoP, RFC 9449)."""

import asyncio
from typing import Any

import httpx
import pytest

from gateway.oauth.clients.settings import TOKEN_EXCHANGE
from gateway.oauth.grants.token_exchange import ACCESS_TOKEN
from kernel.settings import Settings
from kernel.signing.jws import unverified
from tests.support.dpop import ProofMaker
from tests.support.management import Management, document
from tests.support.oauth import Client, agree, client_of

URL = "http://127.0.0.1:8080/oauth/token"
MAKER = ProofMaker()


def proof(management: Management, maker: ProofMaker = MAKER, url: str = URL, **claims: Any) -> str:
    return maker.proof("POST", url, management.clock.now().timestamp(), **claims)


async def token(client: Client, shown: str | list[str] | None, **form: str) -> httpx.Response:
    headers = [("DPoP", each) for each in ([shown] if isinstance(shown, str) else shown or [])]
    if not client.secret:
        form.setdefault("client_id", client.app_code)
    async with client.management.anonymous() as http:
        return await http.post("/oauth/token", data=form, auth=client.auth, headers=headers)


def confirmation(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return unverified(answer.json()["access_token"])[1].get("cnf")


def refused(answer: httpx.Response, error: str = "invalid_dpop_proof") -> str:
    assert (answer.status_code, answer.json()["error"]) == (400, error), answer.text
    said: str = answer.json()["error_description"]
    return said


async def app(management: Management, **settings: Any) -> Client:
    await management.import_system(document())
    usual = {"grant_types": ["client_credentials", "authorization_code", "refresh_token"]}
    if settings.get("token_endpoint_auth_method") == "none":
        usual = {"grant_types": ["authorization_code", "refresh_token"]}
    return await client_of(management, "list_hosts", **usual | settings)


CREDENTIALS = {"grant_type": "client_credentials"}


@pytest.mark.rfc("9449", "5", "a token request with a proof gives a token that is bound to its key")
async def test_a_proof_binds_the_token_to_its_key(management: Management) -> None:
    client = await app(management)
    answer = await token(client, proof(management), **CREDENTIALS)
    assert (answer.json()["token_type"], confirmation(answer)) == ("DPoP", {"jkt": MAKER.thumbprint})
    plain = await token(client, None, **CREDENTIALS)
    assert (plain.json()["token_type"], confirmation(plain)) == ("Bearer", None)
    metadata = (await management.client.get("/.well-known/oauth-authorization-server")).json()
    assert metadata["dpop_signing_alg_values_supported"] == ["ES256", "Ed25519", "EdDSA"]


async def test_a_proof_that_does_not_hold_gives_no_token(management: Management) -> None:
    client = await app(management)
    for shown, said in (
        (proof(management, url="http://127.0.0.1:8080/oauth/introspect"), "htu"),
        (proof(management, htm="GET"), "htm"),
        (proof(management, iat=1), "iat"),
        ("a.b.c", "proof"),
        ([proof(management), proof(management)], "proof"),
    ):
        assert said in refused(await token(client, shown, **CREDENTIALS))


@pytest.mark.rfc("9449", "11.1", "a proof is taken once at the token endpoint, by all processes together")
async def test_a_proof_is_taken_once_however_often_it_comes_at_once(management: Management) -> None:
    client = await app(management)
    shown = proof(management)
    answers = await asyncio.gather(*(token(client, shown, **CREDENTIALS) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]


@pytest.mark.rfc("9449", "5.2", "an app whose tokens must be bound gets none without a proof")
async def test_an_app_may_have_all_its_tokens_bound(management: Management) -> None:
    client = await app(management, dpop_bound_access_tokens=True)
    assert "send a proof" in refused(await token(client, None, **CREDENTIALS))
    assert confirmation(await token(client, proof(management), **CREDENTIALS)) == {"jkt": MAKER.thumbprint}


@pytest.mark.rfc("9449", "5", "refresh tokens of public clients are bound to the key too")
@pytest.mark.rfc("9700", "2.2.2", "refresh tokens of public clients are sender-constrained, beside being used once")
async def test_a_public_clients_refresh_token_is_bound_to_its_key(management: Management) -> None:
    client = await app(management, token_endpoint_auth_method="none")
    told = await agree(await management.person("ann"), client.request())
    form = {"grant_type": "authorization_code", "code": told["code"], "code_verifier": client.verifier}
    form["redirect_uri"] = "https://shop.example.com/back"
    first = await token(client, proof(management), **form)
    assert confirmation(first) == {"jkt": MAKER.thumbprint}
    renew = {"grant_type": "refresh_token", "refresh_token": first.json()["refresh_token"]}
    for shown in (None, proof(management, ProofMaker())):
        assert "bound to a key" in refused(await token(client, shown, **renew))
    second = await token(client, proof(management), **renew)
    assert confirmation(second) == {"jkt": MAKER.thumbprint}
    renew["refresh_token"] = second.json()["refresh_token"]
    assert "bound to a key" in refused(await token(client, None, **renew))


async def test_a_confidential_client_may_change_its_key(management: Management) -> None:
    client, other = await app(management), ProofMaker()
    told = await agree(await management.person("ann"), client.request())
    form = {"grant_type": "authorization_code", "code": told["code"], "code_verifier": client.verifier}
    form["redirect_uri"] = "https://shop.example.com/back"
    first = await token(client, proof(management), **form)
    renew = {"grant_type": "refresh_token", "refresh_token": first.json()["refresh_token"]}
    assert confirmation(await token(client, proof(management, other), **renew)) == {"jkt": other.thumbprint}


@pytest.mark.rfc("9449", "10", "a code can be bound to a key, so that it is of no use to who steals it")
async def test_a_code_may_be_bound_to_a_key(management: Management) -> None:
    client = await app(management)
    ann = await management.person("ann")
    told = await agree(ann, client.request(dpop_jkt=MAKER.thumbprint))
    form = {"grant_type": "authorization_code", "code": told["code"], "code_verifier": client.verifier}
    form["redirect_uri"] = "https://shop.example.com/back"
    for shown in (None, proof(management, ProofMaker())):
        assert "dpop_jkt" in refused(await token(client, shown, **form))
    assert confirmation(await token(client, proof(management), **form)) == {"jkt": MAKER.thumbprint}


async def test_a_bound_token_is_exchanged_by_who_holds_its_key(management: Management) -> None:
    client = await app(management, grant_types=["client_credentials", TOKEN_EXCHANGE])
    subject = (await token(client, proof(management), **CREDENTIALS)).json()["access_token"]
    form = {"grant_type": TOKEN_EXCHANGE, "subject_token": subject, "subject_token_type": ACCESS_TOKEN}
    for shown in (None, proof(management, ProofMaker())):
        assert "bound to a key" in refused(await token(client, shown, **form))
    assert confirmation(await token(client, proof(management), **form)) == {"jkt": MAKER.thumbprint}


class TestWithNonces:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"dpop_nonce": True})

    @pytest.mark.rfc("9449", "8", "the authorization server may hand out nonces")
    async def test_a_nonce_is_handed_out_and_then_needed(self, management: Management) -> None:
        client = await app(management)
        first = await token(client, proof(management), **CREDENTIALS)
        refused(first, "use_dpop_nonce")
        nonce = first.headers["dpop-nonce"]
        answer = await token(client, proof(management, nonce=nonce), **CREDENTIALS)
        assert confirmation(answer) == {"jkt": MAKER.thumbprint}
        assert answer.headers["dpop-nonce"] == nonce
        management.clock.advance(minutes=20)
        refused(await token(client, proof(management, nonce=nonce), **CREDENTIALS), "use_dpop_nonce")
        assert confirmation(await token(client, None, **CREDENTIALS)) is None
