"""Signing in to the console with BlueKing's login cookie."""

import json
from collections.abc import AsyncIterator

import pytest

from kernel.settings import Settings
from tests.support.echo import Echo
from tests.support.management import Management

KNOWN = {"result": True, "code": "00", "data": {"bk_username": "ann"}}


@pytest.fixture
async def login() -> AsyncIterator[Echo]:
    async with Echo(body=json.dumps(KNOWN).encode()).serving() as service:
        yield service


@pytest.fixture
def settings(settings: Settings, login: Echo) -> Settings:
    return settings.model_copy(
        update={"bk_login_url": f"{login.url}/is_login/", "bk_login_page": "https://bk.example.com/login/"}
    )


@pytest.mark.parametrize(
    ("cookie", "answer"),
    [
        ("bk_token", KNOWN),
        ("bk_ticket", {"ret": 0, "msg": "ok", "data": {"username": "ann"}}),
    ],
)
async def test_whom_the_login_service_knows_is_signed_in(
    management: Management, login: Echo, cookie: str, answer: dict[str, object]
) -> None:
    login.body = json.dumps(answer).encode()
    browser = management.anonymous()
    browser.cookies.set(cookie, "a token")
    landed = await browser.get("/v1/sign-in/blueking", params={"redirect": "/tasks"})
    assert (landed.status_code, landed.headers["location"]) == (303, "/tasks")
    assert login.received[0]["target"] == f"/is_login/?{cookie}=a%20token"
    assert (await browser.get("/v1/session")).json()["user"]["username"] == "ann"
    (here,) = (await browser.get("/v1/users/ann/sessions")).json()["items"]
    assert here["method"] == "blueking"
    assert (await management.anonymous().get("/v1/sign-in/methods")).json()["blueking"] is True


async def test_a_browser_without_a_cookie_is_led_to_the_login_page_and_back(management: Management) -> None:
    led = await management.anonymous().get("/v1/sign-in/blueking", params={"redirect": "/tasks"})
    assert led.headers["location"] == (
        "https://bk.example.com/login/?c_url=http%3A%2F%2F127.0.0.1%3A8080%2Fv1%2Fsign-in%2Fblueking%3Fredirect%3D%252Ftasks"
    )


@pytest.mark.parametrize(
    "answer", [{"result": False, "data": {"username": "ann"}}, {"ret": False, "data": {"username": "ann"}}, {"ret": 1}]
)
async def test_nobody_is_signed_in_by_a_token_the_service_does_not_know(
    management: Management, login: Echo, answer: dict[str, object]
) -> None:
    login.body = json.dumps(answer).encode()
    for cookie in ("bk_token", "bk_ticket"):
        browser = management.anonymous()
        browser.cookies.set(cookie, "x")
        assert "bk.example.com" in (await browser.get("/v1/sign-in/blueking")).headers["location"]
        assert (await browser.get("/v1/session")).status_code == 401


async def test_a_local_account_of_that_name_is_not_taken_over_but_may_be_linked(
    management: Management, login: Echo
) -> None:
    login.body = json.dumps({"result": True, "data": {"username": "admin"}}).encode()
    browser = management.anonymous()
    browser.cookies.set("bk_token", "x")
    assert "problem=account_not_linked" in (await browser.get("/v1/sign-in/blueking")).headers["location"]
    link = {"provider": "blueking", "subject": "admin"}
    assert (await management.client.post("/v1/users/admin/identities", json=link)).status_code == 201
    assert (await browser.get("/v1/sign-in/blueking")).headers["location"] == "/"
    assert (await browser.get("/v1/session")).json()["user"]["username"] == "admin"


async def test_a_login_service_that_is_away_is_told(management: Management, login: Echo) -> None:
    login.status = "500 Oops"
    browser = management.anonymous()
    browser.cookies.set("bk_token", "x")
    assert "problem=unavailable" in (await browser.get("/v1/sign-in/blueking")).headers["location"]
