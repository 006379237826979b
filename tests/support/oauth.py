"""A client of the authorization server, and the person whose browser it uses."""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.support.management import Management, document

BACK = "https://shop.example.com/back"
APP = "shop"


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def query_of(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))


@dataclass(slots=True)
class Client:
    """An app with the secret it was given, or none."""

    management: Management
    secret: str
    app_code: str = APP
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(40))

    @property
    def auth(self) -> Any:
        return (self.app_code, self.secret) if self.secret else httpx.USE_CLIENT_DEFAULT

    def request(self, **changed: str | None) -> dict[str, str]:
        """The parameters of an authorization request; `None` leaves one out."""
        usual: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.app_code,
            "redirect_uri": BACK,
            "scope": "cmdb:read",
            "state": "st&te=1",
            "code_challenge": challenge_of(self.verifier),
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in {**usual, **changed}.items() if value is not None}

    async def token(self, **form: str) -> httpx.Response:
        if not self.secret:
            form.setdefault("client_id", self.app_code)
        async with self.management.anonymous() as http:
            return await http.post("/oauth/token", data=form, auth=self.auth)

    async def redeem(self, code: str, **changed: str) -> httpx.Response:
        usual = {"redirect_uri": BACK, "code_verifier": self.verifier}
        return await self.token(grant_type="authorization_code", code=code, **usual | changed)

    async def refresh(self, refresh_token: str, **more: str) -> httpx.Response:
        return await self.token(grant_type="refresh_token", refresh_token=refresh_token, **more)


async def ask(person: httpx.AsyncClient, request: dict[str, str]) -> httpx.Response:
    """The person's browser is sent to the authorization endpoint."""
    return await person.get("/oauth/authorize", params=request)


async def pending_of(person: httpx.AsyncClient, request: dict[str, str]) -> str:
    """The request as the page that asks the person gets it."""
    answer = await ask(person, request)
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith("/consent?"), answer.headers["location"]
    return query_of(answer.headers["location"])["request"]


async def agree(person: httpx.AsyncClient, request: dict[str, str]) -> dict[str, str]:
    """The person is asked and agrees; what the app then gets."""
    sealed = await pending_of(person, request)
    allowed = await person.post("/v1/authorization-request:allow", json={"request": sealed})
    assert allowed.status_code == 200, allowed.text
    return query_of(allowed.json()["redirect_to"])


async def client_of(management: Management, *components: str, **settings: Any) -> Client:
    """An app with grants on components of `cmdb`, set up to use codes."""
    secret = await management.app_with_secret(APP)
    if components:
        await management.granted(APP, "cmdb", list(components))
    usual = {"redirect_uris": [BACK], "grant_types": ["authorization_code", "refresh_token"]}
    put = await management.client.put(f"/v1/apps/{APP}/oauth", json={**usual, **settings})
    assert put.status_code == 200, put.text
    is_public = settings.get("token_endpoint_auth_method") == "none"
    return Client(management, "" if is_public else secret)


async def first_client(management: Management, *components: str, **settings: Any) -> Client:
    """As `client_of`, of a `cmdb` that is imported before: for fixtures that are the first to do anything."""

    async def make() -> str:
        await management.import_system(document())
        return (await client_of(management, *components, **settings)).secret

    return Client(management, await management.reached(f"client {components} {settings}", make))
