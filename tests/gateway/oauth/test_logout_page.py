"""Signing out for an app that does not prove whom it asks for: the person himself is asked."""

import html
import re

import httpx
import pytest

from tests.support.management import Management
from tests.support.oauth import BACK, client_of

OUT = "https://shop.example.com/out"
ASKED = {"client_id": "shop", "post_logout_redirect_uri": OUT, "state": '"><b>&1'}


@pytest.fixture
async def ann(management: Management) -> httpx.AsyncClient:
    await client_of(management, post_logout_redirect_uris=[OUT])
    return await management.person("ann")


def fields(page: httpx.Response) -> dict[str, str]:
    assert page.status_code == 200, page.text
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text)
    return {name: html.unescape(value) for name, value in found}


async def is_signed_in(person: httpx.AsyncClient) -> bool:
    return (await person.get("/v1/session")).status_code == 200


async def test_the_person_is_asked_and_signed_out_when_he_agrees(ann: httpx.AsyncClient) -> None:
    page = await ann.get("/oauth/logout", params=ASKED)
    assert "You are signed in as ann" in page.text
    assert await is_signed_in(ann)
    policy = page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://shop.example.com" in policy
    answer = await ann.post("/oauth/logout", data=fields(page))
    assert (answer.status_code, answer.headers["location"]) == (303, f"{OUT}?state=%22%3E%3Cb%3E%261")
    assert not await is_signed_in(ann)


async def test_without_an_address_he_is_led_home(ann: httpx.AsyncClient) -> None:
    page = await ann.get("/oauth/logout", headers={"Accept-Language": "zh-CN"})
    assert "退出登录" in page.text
    answer = await ann.post("/oauth/logout", data=fields(page))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert not await is_signed_in(ann)


@pytest.mark.rfc("9700", "4.7", "Nobody is signed out by a forged form")
async def test_a_form_that_the_page_did_not_send_leads_to_the_page(ann: httpx.AsyncClient) -> None:
    for forged in ({}, {"csrf_token": "x"}, {"csrf_token": "é"}):
        answer = await ann.post("/oauth/logout", data=ASKED | forged)
        assert answer.status_code == 303
        assert "csrf_token" not in answer.headers["location"]
        assert fields(await ann.get(answer.headers["location"]))["client_id"] == "shop"
        assert await is_signed_in(ann)


async def test_an_address_of_nobody_known_is_not_gone_to(ann: httpx.AsyncClient) -> None:
    for wrong in (
        {"post_logout_redirect_uri": OUT},
        {"client_id": "shop", "post_logout_redirect_uri": BACK},
        {"client_id": "nobody", "post_logout_redirect_uri": OUT},
    ):
        answer = await ann.get("/oauth/logout", params=wrong)
        assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert await is_signed_in(ann)


async def test_who_is_not_signed_in_goes_on_at_once(management: Management, ann: httpx.AsyncClient) -> None:
    async with management.anonymous() as nobody:
        answer = await nobody.get("/oauth/logout", params=ASKED)
    assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, OUT)
    assert await is_signed_in(ann)
