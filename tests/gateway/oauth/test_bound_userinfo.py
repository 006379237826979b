"""The person's claims for a token that is bound to a key (RFC 9449 §7)."""

from typing import Any

import httpx
import pytest

from kernel.settings import Settings
from tests.support.dpop import ProofMaker
from tests.support.management import Management
from tests.support.oauth import BACK, Client, agree, first_client

USERINFO = "http://127.0.0.1:8080/oauth/userinfo"
MAKER = ProofMaker()


def proof(management: Management, url: str = USERINFO, method: str = "GET", **told: Any) -> str:
    return MAKER.proof(method, url, management.clock.now().timestamp(), **told)


@pytest.fixture
async def client(management: Management) -> Client:
    return await first_client(management, "list_hosts")


async def bound_token(management: Management, client: Client) -> str:
    told = await agree(await management.person("ann"), client.request(scope="openid"))
    form = {"code": told["code"], "code_verifier": client.verifier, "redirect_uri": BACK}
    nonces = management.unit.dpop_nonces
    nonce = {"nonce": nonces.current(management.clock.now().timestamp())} if nonces is not None else {}
    shown = proof(management, "http://127.0.0.1:8080/oauth/token", "POST", **nonce)
    async with management.anonymous() as http:
        form["grant_type"] = "authorization_code"
        given = await http.post("/oauth/token", data=form, auth=client.auth, headers={"DPoP": shown})
    assert given.json()["token_type"] == "DPoP", given.text
    value: str = given.json()["access_token"]
    return value


async def asked(management: Management, authorization: str, shown: str | None, method: str = "GET") -> httpx.Response:
    headers = {"Authorization": authorization} | ({"DPoP": shown} if shown is not None else {})
    async with management.anonymous() as http:
        return await http.request(method, "/oauth/userinfo", headers=headers)


@pytest.mark.rfc("9449", "7.1", "userinfo takes a bound token with a proof of its key")
async def test_userinfo_answers_who_proves_to_hold_the_tokens_key(management: Management, client: Client) -> None:
    token = await bound_token(management, client)
    shown = proof(management, token=token)
    answer = await asked(management, f"DPoP {token}", shown)
    assert (answer.status_code, answer.json()["sub"]) == (200, "ann")
    by_post = await asked(management, f"DPoP {token}", proof(management, method="POST", token=token), "POST")
    assert by_post.json()["sub"] == "ann"
    again = await asked(management, f"DPoP {token}", shown)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_dpop_proof")


async def test_a_bound_token_without_its_proof_tells_nothing(management: Management, client: Client) -> None:
    token = await bound_token(management, client)
    now = management.clock.now().timestamp()
    for authorization, shown, error in (
        (f"Bearer {token}", None, "invalid_token"),
        (f"Bearer {token}", proof(management, token=token), "invalid_token"),
        (f"DPoP {token}", None, "invalid_dpop_proof"),
        (f"DPoP {token}", proof(management), "invalid_dpop_proof"),
        (f"DPoP {token}", proof(management, method="POST", token=token), "invalid_dpop_proof"),
        (f"DPoP {token}", proof(management, f"{USERINFO}/more", token=token), "invalid_dpop_proof"),
        (f"DPoP {token}", ProofMaker().proof("GET", USERINFO, now, token), "invalid_dpop_proof"),
    ):
        answer = await asked(management, authorization, shown)
        assert (answer.status_code, answer.json()["error"]) == (401, error), (authorization, answer.text)
        challenge = answer.headers["www-authenticate"]
        assert "Bearer realm=" in challenge
        assert 'DPoP algs="ES256 Ed25519 EdDSA"' in challenge
        assert f'error="{error}"' in challenge


async def test_a_token_that_is_not_bound_is_sent_as_bearer(management: Management, client: Client) -> None:
    told = await agree(await management.person("ann"), client.request(scope="openid"))
    token = (await client.redeem(told["code"])).json()["access_token"]
    answer = await asked(management, f"DPoP {token}", proof(management, token=token))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


class TestWithNonces:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"dpop_nonce": True})

    @pytest.mark.rfc("9449", "9", "a resource of ours may hand out nonces")
    async def test_a_nonce_is_handed_out_and_then_needed(self, management: Management, client: Client) -> None:
        token = await bound_token(management, client)
        first = await asked(management, f"DPoP {token}", proof(management, token=token))
        assert (first.status_code, first.json()["error"]) == (401, "use_dpop_nonce")
        shown = proof(management, token=token, nonce=first.headers["dpop-nonce"])
        assert (await asked(management, f"DPoP {token}", shown)).status_code == 200
