"""How an app takes part in OAuth, and who may say so."""

import string
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.oauth.clients.redirect_uris import matches, redirect_uri_problem
from tests.support.management import Management

BACK = "https://shop.example.com/back"


async def _put(management: Management, **settings: Any) -> httpx.Response:
    return await management.client.put("/v1/apps/shop/oauth", json=settings)


async def test_an_app_that_nobody_set_up_gets_tokens_for_itself(management: Management) -> None:
    await management.app_with_secret("shop")
    found = (await management.client.get("/v1/apps/shop/oauth")).json()
    assert (found["client_id"], found["grant_types"]) == ("shop", ["client_credentials"])
    assert (found["redirect_uris"], found["is_first_party"]) == ([], False)


async def test_settings_are_replaced_as_a_whole_and_written_down(management: Management) -> None:
    await management.app_with_secret("shop")
    assert (await _put(management, redirect_uris=[BACK], access_token_seconds=60)).status_code == 200
    assert (await management.client.get("/v1/apps/shop/oauth")).json()["redirect_uris"] == [BACK]
    again = (await _put(management, refresh_token_seconds=600)).json()
    assert (again["redirect_uris"], again["access_token_seconds"], again["refresh_token_seconds"]) == ([], None, 600)
    (record,) = [each for each in await management.audit("app", "shop") if each.action == "oauth_client.changed"][1:]
    assert record.before is not None
    assert record.after is not None
    assert (record.before["redirect_uris"], record.after["redirect_uris"]) == ([BACK], [])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"redirect_uris": ["http://shop.example.com/back"]}, "redirect_uris.0"),
        ({"redirect_uris": [BACK, "https://*.example.com/back"]}, "redirect_uris.1"),
        ({"post_logout_redirect_uris": ["javascript:alert(1)"]}, "post_logout_redirect_uris.0"),
        ({"grant_types": ["password"]}, "grant_types.0"),
        ({"grant_types": []}, "grant_types"),
        ({"token_endpoint_auth_method": "tls_client_auth"}, "token_endpoint_auth_method"),
        ({"access_token_seconds": 5}, "access_token_seconds"),
        ({"access_token_seconds": 3601}, "access_token_seconds"),
        ({"redirect_url": []}, "redirect_url"),
    ],
)
async def test_wrong_settings_are_refused_by_field_and_change_nothing(
    management: Management, wrong: dict[str, Any], field: str
) -> None:
    await management.app_with_secret("shop")
    before = (await management.client.get("/v1/apps/shop/oauth")).json()
    refused = await _put(management, **wrong)
    assert refused.status_code == 422
    assert field in [each["field"] for each in refused.json()["errors"]]
    assert (await management.client.get("/v1/apps/shop/oauth")).json() == before


async def test_only_those_who_manage_the_app_see_and_change_its_settings(management: Management) -> None:
    await management.app_with_secret("shop")
    bob = await management.person("bob")
    assert (await bob.get("/v1/apps/shop/oauth")).status_code == 403
    assert (await bob.put("/v1/apps/shop/oauth", json={})).status_code == 403
    await bob.post("/v1/apps", json={"app_code": "mine", "name": "x"})
    assert (await bob.put("/v1/apps/mine/oauth", json={"redirect_uris": [BACK]})).status_code == 200
    first_party = await bob.put("/v1/apps/mine/oauth", json={"is_first_party": True})
    assert first_party.status_code == 403
    assert (await management.client.put("/v1/apps/mine/oauth", json={"is_first_party": True})).status_code == 200


async def test_a_projects_service_app_has_no_settings(management: Management) -> None:
    await management.client.post("/v1/projects", json={"code": "ops", "name": "x"})
    assert (await management.client.put("/v1/apps/svc-ops/oauth", json={})).status_code == 409


@pytest.mark.parametrize(
    "uri",
    [
        BACK,
        "https://shop.example.com:8443/back?tenant=1",
        "http://127.0.0.1/back",
        "http://[::1]:8000/back",
        "http://localhost:3000/back",
        "com.example.app:/back",
    ],
)
def test_addresses_that_can_be_registered(uri: str) -> None:
    assert redirect_uri_problem(uri) is None


@pytest.mark.rfc("9700", "2.6", "Answers go over no unencrypted connection, but to the machine itself")
@pytest.mark.parametrize(
    "uri",
    [
        "",
        "/back",
        "https:///back",
        "http://shop.example.com/back",
        "https://shop.example.com/back#part",
        "https://ann@shop.example.com/back",
        "https://*.example.com/back",
        "https://shop.example.com/ba ck",
        "https://shop.example.com\\@evil.example.com/",
        "https://shop.example.com:port/",
        "javascript:alert(1)",
        "data:text/html,x",
        "myapp:/back",
        "com.example.app://host/back",
        "https://shop.example.com/bäck",
        "https://shop.example.com/" + "x" * 2000,
    ],
)
def test_addresses_that_can_not_be_registered(uri: str) -> None:
    assert redirect_uri_problem(uri) is not None


@pytest.mark.rfc("9700", "2.1", "Redirect addresses are compared sign by sign; a native app's port is free")
@pytest.mark.parametrize(
    ("uri", "fits"),
    [
        (BACK, True),
        (BACK + "/", False),
        (BACK + "?x=1", False),
        (BACK.upper(), False),
        ("https://shop.example.com:443/back", False),
        ("http://127.0.0.1:51000/back", True),
        ("http://127.0.0.1/back", True),
        ("http://127.0.0.1:51000/other", False),
        ("http://127.0.0.1:51000@evil.example.com/back", False),
        ("http://127.0.0.1:51000:1/back", False),
        ("http://127.0.0.1.evil.example.com/back", False),
        ("http://127.1/back", False),
        ("https://127.0.0.1/back", False),
        ("http://[::1]:51000/back", False),
        ("http://localhost:51000/back", False),
    ],
)
def test_an_address_of_a_request_is_one_that_is_registered(uri: str, *, fits: bool) -> None:
    assert matches(uri, [BACK, "http://127.0.0.1/back"]) is fits


@given(st.text(alphabet=string.printable, max_size=30))
def test_whatever_is_added_to_a_registered_address_leads_nowhere(addition: str) -> None:
    registered = ["http://127.0.0.1/back", BACK]
    for uri in (BACK + addition, "http://127.0.0.1" + addition + "/back"):
        if matches(uri, registered):
            assert uri in registered or uri.removeprefix("http://127.0.0.1:").removesuffix("/back").isdigit()
