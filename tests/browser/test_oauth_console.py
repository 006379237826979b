"""Where apps and devices ask people, and where owners say how they may: a real browser, a foreign client."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import pytest
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import OAuth2Client
from playwright.sync_api import Page, expect

from tests.support.console import sign_in
from tests.support.oauth import query_of
from tests.support.stand import Stand, approved_grant

ANN, ANN_PASSWORD = "ann", "ann-has-a-password"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
PKCE: Final[dict[str, Any]] = {"code_challenge_method": "S256"}
BACK = "http://127.0.0.1/back"


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"Back in the shop")

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def waiting_app() -> Iterator[str]:
    """An app that waits for its answer on this machine, as programs do (RFC 8252 §7.3); gives the address."""
    server = HTTPServer(("127.0.0.1", 0), _Answer)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/back"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def shop(stand: Stand) -> str:
    """The secret of an app that may send people and devices; Ann has an account."""
    app = {"app_code": "shop", "name": "Shop", "description": "Shows which hosts a business has."}
    secret: str = stand.api.post("/apps", app)["app_secret"]
    approved_grant(stand.api, "shop", "cmdb")
    grants = ["authorization_code", "refresh_token", DEVICE]
    stand.api.put("/apps/shop/oauth", {"redirect_uris": [BACK], "grant_types": grants})
    stand.api.post("/users", {"username": ANN, "password": ANN_PASSWORD, "display_name": "Ann"})
    return secret


def test_a_person_signs_in_allows_an_app_what_it_asks_and_is_not_asked_again(
    page: Page, stand: Stand, shop: str
) -> None:
    scope, verifier = "openid cmdb:read", generate_token(48)
    with waiting_app() as back, OAuth2Client("shop", shop, scope=scope, redirect_uri=back, **PKCE) as client:
        uri, state = client.create_authorization_url(f"{stand.url}/oauth/authorize", code_verifier=verifier)
        page.goto(uri)
        sign_in(page, ANN, ANN_PASSWORD)
        expect(page.get_by_role("heading")).to_have_text("Shop wants to act for you")
        scopes = page.get_by_test_id("consent-scopes")
        expect(scopes).to_contain_text("Know your user name")
        expect(scopes).to_contain_text("Search businesses reads")
        expect(page.get_by_text(f"Your answer goes to {urlsplit(back).netloc}")).to_be_visible()
        page.get_by_test_id("language-zh").click()
        expect(page.get_by_test_id("consent-allow")).to_have_text("允许")
        page.get_by_test_id("consent-allow").click()
        expect(page.get_by_text("Back in the shop")).to_be_visible()
        token = client.fetch_token(
            f"{stand.url}/oauth/token", authorization_response=page.url, code_verifier=verifier, state=state
        )
        assert client.get(f"{stand.url}/oauth/userinfo").json()["sub"] == ANN
        assert set(token["scope"].split()) == set(scope.split())
        page.goto(uri)
        expect(page.get_by_text("Back in the shop")).to_be_visible()

    page.goto(f"{stand.url}/consents")
    expect(page.get_by_role("row").filter(has_text="shop")).to_contain_text("cmdb:read")


def test_a_refusal_reaches_the_app_as_one(page: Page, stand: Stand, shop: str) -> None:
    with waiting_app() as back, OAuth2Client("shop", shop, scope="cmdb:write", redirect_uri=back, **PKCE) as client:
        uri, state = client.create_authorization_url(
            f"{stand.url}/oauth/authorize", code_verifier=generate_token(48), prompt="consent"
        )
        page.goto(uri)
        sign_in(page, ANN, ANN_PASSWORD)
        page.get_by_test_id("consent-deny").click()
        expect(page.get_by_text("Back in the shop")).to_be_visible()
        told = query_of(page.url)
    assert (told["error"], told["state"], "code" in told) == ("access_denied", state, False)


def test_a_request_that_was_tampered_with_is_told_and_offers_nothing(page: Page, stand: Stand, shop: str) -> None:
    page.goto(f"{stand.url}/consent?request=made-up")
    sign_in(page, ANN, ANN_PASSWORD)
    expect(page.get_by_test_id("problem")).to_contain_text("Go back to the app and start again")
    expect(page.get_by_test_id("consent-allow")).to_have_count(0)


def test_a_code_that_a_device_shows_lets_it_act_for_the_person(page: Page, stand: Stand, shop: str) -> None:
    begun = httpx.post(f"{stand.url}/oauth/device", data={"scope": "cmdb:read"}, auth=("shop", shop)).json()
    page.goto(begun["verification_uri"])
    sign_in(page, ANN, ANN_PASSWORD)
    page.get_by_test_id("device-code").fill("BCDF-GHJK")
    page.get_by_test_id("device-look").click()
    expect(page.get_by_test_id("problem")).to_contain_text("No device waits with this code")
    page.get_by_test_id("device-code").fill(begun["user_code"].lower().replace("-", " "))
    page.get_by_test_id("device-look").click()
    expect(page.get_by_test_id("consent-scopes")).to_contain_text("cmdb:read")
    page.get_by_test_id("device-allow").click()
    expect(page.get_by_test_id("device-answered")).to_be_visible()
    form = {"grant_type": DEVICE, "device_code": begun["device_code"]}
    polled = httpx.post(f"{stand.url}/oauth/token", data=form, auth=("shop", shop)).json()
    assert polled["scope"] == "cmdb:read"


def test_a_device_that_the_person_refuses_gets_nothing(page: Page, stand: Stand, shop: str) -> None:
    begun = httpx.post(f"{stand.url}/oauth/device", data={"scope": "cmdb:read"}, auth=("shop", shop)).json()
    page.goto(f"{stand.url}/device?user_code={begun['user_code']}")
    sign_in(page, ANN, ANN_PASSWORD)
    expect(page.get_by_test_id("device-code")).to_have_value(begun["user_code"])
    page.get_by_test_id("device-look").click()
    page.get_by_test_id("device-deny").click()
    expect(page.get_by_test_id("device-answered")).to_be_visible()
    form = {"grant_type": DEVICE, "device_code": begun["device_code"]}
    polled = httpx.post(f"{stand.url}/oauth/token", data=form, auth=("shop", shop)).json()
    assert polled["error"] == "access_denied"


def test_the_owner_of_an_app_says_how_it_takes_part(page: Page, stand: Stand) -> None:
    stand.api.post("/users", {"username": "olaf", "password": "olaf-owns-an-app", "display_name": "Olaf"})
    sign_in(page, "olaf", "olaf-owns-an-app")
    page.get_by_test_id("nav-apps").click()
    page.get_by_test_id("app-new").click()
    page.get_by_test_id("app-code").fill("till")
    page.get_by_test_id("app-name").fill("Till")
    page.get_by_test_id("app-create").click()
    page.get_by_test_id("app-done").click()
    page.get_by_test_id("app-settings-till").click()
    page.get_by_test_id("app-oauth-tab").click()
    page.get_by_test_id("oauth-redirect").fill("http://till.example.com/back")
    page.get_by_test_id("oauth-grant-authorization_code").click()
    page.get_by_test_id("oauth-save").click()
    expect(page.get_by_text("is http; only the machine itself")).to_be_visible()
    page.get_by_test_id("oauth-redirect").fill("https://till.example.com/back\nhttp://127.0.0.1/back")
    page.get_by_test_id("oauth-save").click()
    expect(page.get_by_text("till is changed")).to_be_visible()
    kept = stand.api.get("/apps/till/oauth")
    assert kept["redirect_uris"] == ["https://till.example.com/back", "http://127.0.0.1/back"]
    assert kept["grant_types"] == ["client_credentials", "authorization_code"]
