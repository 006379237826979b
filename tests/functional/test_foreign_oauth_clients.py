"""Clients that are not ours, against a server of two processes: Authlib's OAuth client, joserfc for tokens and keys."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import OAuth2Client
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.support.forking import Nursery
from tests.support.server import Api, ServerProcess, free_port, migrated
from tests.support.stand import approved_grant, import_system

BACK = "https://shop.example.com/back"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
CALLS = ("/api/cmdb/prod/search_business", "/api/c/compapi/v2/cc/search_business/")


@dataclass(frozen=True, slots=True)
class Place:
    """A running server, what it says of itself, an app and a signed-in browser.

    Attributes:
        metadata: of the authorization server.
    """

    url: str
    metadata: dict[str, Any]
    secret: str
    browser: httpx.Client

    def client(self, **more: Any) -> OAuth2Client:
        settings: dict[str, Any] = {"client_id": "shop", "client_secret": self.secret, "redirect_uri": BACK, **more}
        return OAuth2Client(scope="openid cmdb:read", code_challenge_method="S256", **settings)

    def allowed(self, uri: str) -> str:
        """The person agrees to what the app sent him with; answers where his browser goes."""
        asked = self.browser.get(uri)
        assert asked.status_code == 303, asked.text
        address: str = asked.headers["location"]
        if not address.startswith("/consent?"):
            return address
        request = dict(parse_qsl(urlsplit(address).query))["request"]
        decided = self.browser.post("/v1/authorization-request:allow", json={"request": request})
        assert decided.status_code == 200, decided.text
        onward: str = decided.json()["redirect_to"]
        return onward

    def with_code(self) -> tuple[OAuth2Client, dict[str, Any]]:
        """A client with the tokens of a code."""
        client, verifier = self.client(), generate_token(48)
        endpoint = self.metadata["authorization_endpoint"]
        uri, state = client.create_authorization_url(endpoint, code_verifier=verifier, nonce="n-7")
        answer = self.allowed(uri)
        token = client.fetch_token(
            self.metadata["token_endpoint"], authorization_response=answer, code_verifier=verifier, state=state
        )
        return client, dict(token)

    def taken(self, access_token: str) -> set[bool]:
        """Of many calls over many connections, so that each process is asked; in both shapes of addresses."""

        def call(number: int) -> bool:
            headers = {"authorization": f"Bearer {access_token}", "connection": "close"}
            answer = httpx.post(self.url + CALLS[number % 2], json={}, headers=headers)
            # The ESB's shape tells a refusal in the body.
            return answer.status_code == httpx.codes.OK and answer.json()["result"] is True

        with ThreadPoolExecutor(8) as pool:
            return set(pool.map(call, range(24)))

    def ends(self, access_token: str) -> bool:
        """Whether every process comes to refuse the token; they are given more time than any of them needs."""
        return any(self.taken(access_token) == {False} for _ in range(20))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, nursery: Nursery, sqlite_template: Path) -> Iterator[Place]:
    data = migrated(tmp_path_factory.mktemp("oauth") / "data", sqlite_template)
    server = ServerProcess(data, free_port(), workers=2, nursery=nursery)
    server.start()
    api: Api = server.admin()
    import_system(server, api, "cmdb")
    secret = api.post("/apps", {"app_code": "shop", "name": "Shop", "description": ""})["app_secret"]
    approved_grant(api, "shop", "cmdb")
    grants = ["client_credentials", "authorization_code", "refresh_token", DEVICE]
    api.put("/apps/shop/oauth", {"redirect_uris": [BACK], "grant_types": grants})
    api.post("/users", {"username": "ann", "password": "ann-has-a-password"})
    browser = httpx.Client(base_url=server.url)
    session = browser.post("/v1/session", json={"username": "ann", "password": "ann-has-a-password"}).json()
    browser.headers["X-CSRF-Token"] = session["csrf_token"]
    metadata = httpx.get(f"{server.url}/.well-known/openid-configuration").json()
    yield Place(server.url, metadata, secret, browser)
    browser.close()
    api.close()
    server.stop()


def test_a_code_gives_tokens_that_call_in_the_persons_name(place: Place) -> None:
    client, token = place.with_code()
    keys = KeySet.import_key_set(httpx.get(place.metadata["jwks_uri"]).json())
    claims = jwt.decode(token["id_token"], keys, algorithms=["ES256"]).claims
    assert (claims["iss"], claims["aud"], claims["sub"]) == (place.metadata["issuer"], "shop", "ann")
    assert claims["nonce"] == "n-7"
    assert place.taken(token["access_token"]) == {True}
    told = client.get(place.metadata["userinfo_endpoint"]).json()
    assert told == {"sub": "ann"}


def test_tokens_are_refreshed_explained_and_given_back(place: Place) -> None:
    client, token = place.with_code()
    fresh = client.refresh_token(place.metadata["token_endpoint"], refresh_token=token["refresh_token"])
    assert fresh["refresh_token"] != token["refresh_token"]
    explained = client.introspect_token(place.metadata["introspection_endpoint"], token=fresh["access_token"]).json()
    assert (explained["active"], explained["username"], explained["client_id"]) == (True, "ann", "shop")
    assert place.taken(fresh["access_token"]) == {True}
    back = client.revoke_token(place.metadata["revocation_endpoint"], token=fresh["refresh_token"])
    assert back.status_code == 200
    assert place.ends(fresh["access_token"])
    assert place.ends(token["access_token"])


def test_a_replayed_code_ends_what_it_gave_in_every_process(place: Place) -> None:
    client, verifier = place.client(), generate_token(48)
    uri, _ = client.create_authorization_url(place.metadata["authorization_endpoint"], code_verifier=verifier)
    code = dict(parse_qsl(urlsplit(place.allowed(uri)).query))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": verifier}
    endpoint, auth = place.metadata["token_endpoint"], ("shop", place.secret)
    given = httpx.post(endpoint, data=form, auth=auth).json()
    assert place.taken(given["access_token"]) == {True}
    assert httpx.post(endpoint, data=form, auth=auth).json()["error"] == "invalid_grant"
    assert place.ends(given["access_token"])


def test_an_app_gets_a_token_for_itself(place: Place) -> None:
    client = OAuth2Client(client_id="shop", client_secret=place.secret)
    token = client.fetch_token(place.metadata["token_endpoint"], grant_type="client_credentials", scope="cmdb:read")
    assert place.taken(token["access_token"]) == {True}


def test_a_device_gets_its_tokens(place: Place) -> None:
    form, auth = {"scope": "cmdb:read"}, ("shop", place.secret)
    codes = httpx.post(place.metadata["device_authorization_endpoint"], data=form, auth=auth).json()
    answer = place.browser.post("/v1/device-request:allow", json={"user_code": codes["user_code"]})
    assert answer.status_code == 204, answer.text
    client = OAuth2Client(client_id="shop", client_secret=place.secret)
    token = client.fetch_token(place.metadata["token_endpoint"], grant_type=DEVICE, device_code=codes["device_code"])
    assert place.taken(token["access_token"]) == {True}


def test_a_consent_that_is_taken_back_ends_the_tokens(place: Place) -> None:
    _, token = place.with_code()
    assert place.taken(token["access_token"]) == {True}
    assert place.browser.delete("/v1/consents/shop").is_success
    assert place.ends(token["access_token"])
