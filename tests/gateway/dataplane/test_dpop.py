"""Tokens that are bound to a key: a call proves to hold it, each time anew, whichever door it comes through."""

import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from gateway.dataplane.app import DataPlane
from gateway.dataplane.steps.proofs import OwnAddresses, SeenProofs
from kernel.signing.dpop import Proof
from kernel.signing.dpop_nonce import SECONDS, ServerNonces
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from tests.gateway.dataplane.conftest import Gateway, Served, component, token
from tests.support.dpop import ProofMaker

SEARCH = "/api/cmdb/prod/search"
ESB = "/api/c/compapi/v2/cmdb/search/"
MAKER = ProofMaker()


def bound(app: str = "shop", maker: ProofMaker = MAKER, **claims: Any) -> str:
    return token(app, cnf={"jkt": maker.thumbprint}, **claims)


async def call(
    gateway: Gateway,
    value: str,
    proof: str | None = None,
    path: str = SEARCH,
    http: httpx.AsyncClient | None = None,
    scheme: str = "DPoP",
) -> httpx.Response:
    """With a right proof unless another is given; an empty one stands for none."""
    shown = proof if proof is not None else MAKER.proof("POST", f"https://gw.example{path}", time.time(), value)
    headers = {"authorization": f"{scheme} {value}"} | ({"dpop": shown} if shown else {})
    return await (http or gateway.http).post(path, headers=headers, json={"a": 1})


def refused(answer: httpx.Response, error: str) -> str:
    assert answer.status_code == 401, answer.text
    challenge = answer.headers["www-authenticate"]
    assert challenge.startswith('DPoP algs="ES256 Ed25519 EdDSA"')
    assert f'error="{error}"' in challenge
    reason: str = answer.json()["message"]
    return reason


@pytest.mark.parametrize("path", [SEARCH, ESB])
@pytest.mark.rfc("9449", "7.1", "a bound token is taken with a proof of its key")
async def test_a_bound_token_with_a_proof_of_its_key_is_taken(gateway: Gateway, path: str) -> None:
    value = bound()
    for _ in range(2):
        answer = await call(gateway, value, path=path)
        assert (answer.status_code, answer.json()["result"]) == (200, True)
    names = {name for received in gateway.upstream.received for name, _ in received.headers}
    assert not {"dpop", "authorization"} & names


async def test_the_query_is_no_part_of_what_is_proven(gateway: Gateway) -> None:
    value = bound()
    proof = MAKER.proof("POST", f"https://GW.example:443{SEARCH}", time.time(), value)
    assert (await call(gateway, value, proof, f"{SEARCH}?a=b")).status_code == 200


@pytest.mark.rfc("9449", "7.2", "a bound token that is sent as Bearer is refused")
@pytest.mark.rfc("9700", "2.2.1", "access tokens can be sender-constrained, and then are of no use to who stole them")
async def test_a_bound_token_is_no_bearer_token(gateway: Gateway) -> None:
    value = bound()
    assert (await call(gateway, value)).status_code == 200
    for proof in (None, ""):
        answer = await call(gateway, value, proof, scheme="Bearer")
        assert answer.status_code == 401
        assert "bound to a key" in answer.json()["message"]
    by_header = {"x-bkapi-authorization": f'{{"access_token": "{value}"}}'}
    assert (await gateway.http.post(SEARCH, headers=by_header, json={})).status_code == 400
    by_parameter = await gateway.http.post(ESB, json={"access_token": value})
    assert by_parameter.json()["result"] is False
    assert len(gateway.upstream.received) == 1


async def test_a_token_that_is_bound_to_nothing_is_no_dpop_token(gateway: Gateway) -> None:
    assert "bound to no key" in refused(await call(gateway, token()), "invalid_token")
    assert (await call(gateway, token(), scheme="Bearer")).status_code == 200


async def test_without_a_proof_or_with_one_that_does_not_hold(gateway: Gateway) -> None:
    value, other = bound(), ProofMaker()
    url, now = f"https://gw.example{SEARCH}", time.time()
    for proof, reason in (
        ("", "missing"),
        ("a.b.c", "proof"),
        (MAKER.proof("GET", url, now, value), "htm"),
        (MAKER.proof("POST", f"{url}/other", now, value), "htu"),
        (MAKER.proof("POST", f"http://127.0.0.1{SEARCH}", now, value), "htu"),
        (MAKER.proof("POST", url, now - 100, value), "iat"),
        (MAKER.proof("POST", url, now, bound(scope="")), "ath"),
        (other.proof("POST", url, now, value), "not bound to the key"),
    ):
        assert reason in refused(await call(gateway, value, proof), "invalid_dpop_proof")
    two = [("authorization", f"DPoP {value}"), *[("dpop", MAKER.proof("POST", url, now, value))] * 2]
    assert (await gateway.http.post(SEARCH, headers=two, json={})).status_code == 400
    assert gateway.upstream.received == []


@pytest.mark.rfc("9449", "11.1", "a proof is taken once")
async def test_a_proof_is_taken_once(gateway: Gateway) -> None:
    value = bound()
    proof = MAKER.proof("POST", f"https://gw.example{SEARCH}", time.time(), value)
    assert (await call(gateway, value, proof)).status_code == 200
    assert "used before" in refused(await call(gateway, value, proof), "invalid_dpop_proof")


async def test_an_expired_or_foreign_token_is_refused_whatever_is_proven(gateway: Gateway) -> None:
    for value in (bound(exp=int(time.time()) - 1), bound(iss="https://evil.example"), "garbage"):
        refused(await call(gateway, value), "invalid_token")
    reason = "bound in a way that is not understood"
    assert reason in refused(await call(gateway, token(cnf={"x5t#S256": "x"})), "invalid_token")
    assert reason in (await call(gateway, token(cnf={"x5t#S256": "x"}), scheme="Bearer")).json()["message"]


@pytest.mark.parametrize("path", [SEARCH, ESB])
async def test_while_a_release_is_tried_a_bound_caller_is_served_by_his_release(gateway: Gateway, path: str) -> None:
    tried = {"release": "1.1.0", "apps": ["new"], "share": 0, "components": [component("search", upstream_path="/v2")]}
    gateway.system(component("search"), canary=tried)
    for code in ("shop", "new"):
        gateway.app({"system": "cmdb", "component": None}, code=code)
    for app, release in (("new", "1.1.0"), ("shop", "1.0.0"), ("new", "1.1.0")):
        answer = await call(gateway, bound(app), path=path)
        assert (answer.status_code, answer.json()["result"]) == (200, True)
        assert answer.headers["x-trunkline-release"] == release


@pytest.fixture
async def asking(gateway: Gateway) -> AsyncIterator[httpx.AsyncClient]:
    """The same gateway, by another process that wants nonces and serves systems by host name too."""
    plane = DataPlane(
        gateway.holder,
        TransportClient(AddressPolicy.allowing([gateway.upstream.url])),
        public_url="https://gw.example",
        domain="apis.example",
        nonces=ServerNonces("secret"),
    )
    async with Served(plane) as url, httpx.AsyncClient(base_url=url, trust_env=False) as http:
        yield http
    await plane.aclose()


@pytest.mark.rfc("9449", "9", "a resource server may hand out nonces, and says so by use_dpop_nonce")
async def test_a_nonce_is_handed_out_and_then_needed(gateway: Gateway, asking: httpx.AsyncClient) -> None:
    value, url = bound(), f"https://gw.example{SEARCH}"
    first = await call(gateway, value, http=asking)
    refused(first, "use_dpop_nonce")
    nonce = first.headers["dpop-nonce"]
    proof = MAKER.proof("POST", url, time.time(), value, nonce=nonce)
    assert (await call(gateway, value, proof, http=asking)).status_code == 200
    foreign = ServerNonces("other").current(time.time())
    old = ServerNonces("secret").current(time.time() - 3 * SECONDS)
    for wrong in (foreign, old, "x", "é", nonce[:-4]):
        proof = MAKER.proof("POST", url, time.time(), value, nonce=wrong)
        refused(await call(gateway, value, proof, http=asking), "use_dpop_nonce")


async def test_by_a_systems_host_name_the_proof_is_for_that_address(
    gateway: Gateway, asking: httpx.AsyncClient
) -> None:
    value, nonce = bound(), ServerNonces("secret").current(time.time())
    for url, status in (
        ("https://cmdb.apis.example/prod/search", 200),
        ("https://gw.example/api/cmdb/prod/search", 200),
        ("https://job.apis.example/prod/search", 401),
        ("https://evil.example/prod/search", 401),
    ):
        proof = MAKER.proof("POST", url, time.time(), value, nonce=nonce)
        headers = {"host": "cmdb.apis.example", "authorization": f"DPoP {value}", "dpop": proof}
        assert (await asking.post("/prod/search", headers=headers, json={})).status_code == status


def test_a_public_address_may_have_a_path() -> None:
    assert OwnAddresses("https://x.example/gw/").of(b"/api/a/b/%7ec") == ("https://x.example/gw/api/a/b/~c",)


def proof_at(moment: float, number: int) -> Proof:
    return Proof("key", str(number), moment, None)


def test_proofs_are_forgotten_when_they_could_not_be_sent_again_anyway() -> None:
    seen = SeenProofs()
    for second in range(1000):
        assert seen.take(proof_at(second, second), second)
        assert not seen.take(proof_at(second, second), second)
    assert len(seen._slots) <= 16


def test_a_flood_shortens_the_window_and_lets_no_proof_in_twice() -> None:
    seen = SeenProofs(bound=10)
    taken = [number for number in range(30) if seen.take(proof_at(1000 + number, number), 1030)]
    assert taken == list(range(30))
    assert seen._count <= 10
    assert not any(seen.take(proof_at(1000 + number, number), 1030) for number in range(30))
    same = [number for number in range(100, 130) if seen.take(proof_at(1029, number), 1030)]
    assert not any(seen.take(proof_at(1029, number), 1030) for number in same)
    assert seen._count <= 10
