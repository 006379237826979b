"""A whole server with apps that get tokens and a person who lets one of them act for him."""

import base64
import hashlib
import http.client
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from benchmarks.support.processes import cpu_seconds
from tests.support.server import Api, ServerProcess, free_port
from tests.support.stand import approved_grant, import_system

BACK = "https://shop.example.com/back"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
PATH = "/api/cmdb/prod/search_business"


@dataclass(slots=True)
class OAuthStand:
    """Attributes:
    shop: people let it act for them; `bank` exchanges its tokens. Secrets by app code.
    """

    server: ServerProcess
    api: Api
    secrets: dict[str, str]
    person: httpx.Client
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(40))

    @property
    def pid(self) -> int:
        assert self.server.process is not None
        return self.server.process.pid

    def authorize(self) -> dict[str, Any]:
        """The person lets the app act for him, as often as that is asked; the token response."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code", "client_id": "shop", "redirect_uri": BACK, "scope": "cmdb:read",
            "code_challenge": challenge, "code_challenge_method": "S256",
        }  # fmt: skip
        onward = self.person.get("/oauth/authorize", params=query).headers["location"]
        if not onward.startswith(BACK):
            sealed = parse_qs(urlsplit(onward).query)["request"][0]
            allowed = self.person.post("/v1/authorization-request:allow", json={"request": sealed})
            onward = allowed.raise_for_status().json()["redirect_to"]
        code = parse_qs(urlsplit(onward).query)["code"][0]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": self.verifier}
        return self.token("shop", form)

    def token(self, app_code: str, form: dict[str, str]) -> dict[str, Any]:
        answer = httpx.post(f"{self.server.url}/oauth/token", data=form, auth=(app_code, self.secrets[app_code]))
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)

    def headers(self, app_code: str) -> dict[str, str]:
        pair = base64.b64encode(f"{app_code}:{self.secrets[app_code]}".encode()).decode()
        return {"Authorization": f"Basic {pair}", "Content-Type": "application/x-www-form-urlencoded"}


@contextmanager
def oauth_stand(folder: Path, database_url: str, workers: int) -> Iterator[OAuthStand]:
    folder.mkdir(exist_ok=True)
    server = ServerProcess(folder / "data", free_port(), {"TRUNKLINE_DATABASE_URL": database_url}, workers)
    server.start()
    try:
        api = server.admin()
        import_system(server, api, "cmdb")
        kept = {code: api.post("/apps", {"app_code": code, "name": code})["app_secret"] for code in ("shop", "bank")}
        for code in kept:
            approved_grant(api, code, "cmdb")
        grants = ["client_credentials", "authorization_code", "refresh_token"]
        api.put("/apps/shop/oauth", {"redirect_uris": [BACK], "grant_types": grants})
        api.put("/apps/bank/oauth", {"grant_types": ["client_credentials", EXCHANGE]})
        api.put("/apps/shop/oauth/exchangers/bank", {})
        yield OAuthStand(server, api, kept, _signed_in(server))
        api.close()
    finally:
        server.kill()


def _signed_in(server: ServerProcess) -> httpx.Client:
    lines = (server.data_dir / "secrets.env").read_text().splitlines()
    password = dict(line.split("=", 1) for line in lines if "=" in line)["TRUNKLINE_ADMIN_PASSWORD"]
    person = httpx.Client(base_url=server.url, timeout=30)
    opened = person.post("/v1/session", json={"username": "admin", "password": password}).raise_for_status()
    person.headers["X-CSRF-Token"] = opened.json()["csrf_token"]
    return person


def issue(
    stand: OAuthStand, app_code: str, forms: list[Callable[[dict[str, Any]], dict[str, str]]], each: int
) -> tuple[float, float]:
    """CPU milliseconds of the server per token, and tokens per second.

    Args:
        forms: one for each thread: what to ask for, given the answer before.
    """
    failed: list[str] = []

    def run(form_of: Callable[[dict[str, Any]], dict[str, str]]) -> None:
        connection, answer, headers = stand.connection(), dict[str, Any](), stand.headers(app_code)
        for _ in range(each):
            connection.request("POST", "/oauth/token", urlencode(form_of(answer)), headers)
            response = connection.getresponse()
            body = response.read()
            if response.status != 200:
                failed.append(body.decode()[:300])
                return
            answer = json.loads(body)
        connection.close()

    threads = [threading.Thread(target=run, args=(form_of,)) for form_of in forms]
    before, began = cpu_seconds(stand.pid), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds, used = time.perf_counter() - began, cpu_seconds(stand.pid) - before
    if failed:
        raise SystemExit(f"a token was refused: {failed[0]}")
    tokens = each * len(forms)
    return used / tokens * 1e3, tokens / seconds


def revocation(stand: OAuthStand, connections: int) -> float:
    """Seconds from the moment a person takes back what he allowed until the last connection is refused its token."""
    token = stand.authorize()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    lines = [stand.connection() for _ in range(connections)]
    for line in lines:
        _until(line, headers, refused=False)
    ends: list[float] = []
    threads = [
        threading.Thread(target=lambda line=line: ends.append(_until(line, headers, refused=True))) for line in lines
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    stand.person.delete("/v1/consents/shop").raise_for_status()
    for thread in threads:
        thread.join()
    for line in lines:
        line.close()
    if len(ends) != connections:
        raise SystemExit("a revoked token was taken for ten seconds")
    return max(ends) - began


def _until(line: http.client.HTTPConnection, headers: dict[str, str], *, refused: bool) -> float:
    deadline = time.perf_counter() + 10
    while time.perf_counter() < deadline:
        line.request("POST", PATH, "{}", headers)
        response = line.getresponse()
        response.read()
        if (response.status == 401) == refused:
            return time.perf_counter()
        time.sleep(0.005)
    raise SystemExit(f"a token was {'taken' if refused else 'refused'} for ten seconds")
