from collections.abc import AsyncIterator
from http.cookies import SimpleCookie

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from gateway.snapshot.model.snapshot import SnapshotHolder
from gateway.unit import GatewayUnit
from kernel.http.problems import install_problem_handlers
from kernel.services import KernelServices
from kernel.settings import Settings
from tests.support.routes import mount

ADMIN = {"username": "admin", "password": "admin-password"}


@pytest.fixture(params=["http://127.0.0.1:8080", "https://gateway.example.com"])
def public_url(request: pytest.FixtureRequest) -> str:
    url: str = request.param
    return url


@pytest.fixture
def settings(settings: Settings, public_url: str) -> Settings:
    return settings.model_copy(update={"public_url": public_url})


@pytest.fixture
async def opened(kernel: KernelServices) -> AsyncIterator[Response]:
    unit = GatewayUnit(kernel, SnapshotHolder())
    async with kernel.database.unit_of_work() as session:
        await unit.prepare(session)
    app = FastAPI()
    install_problem_handlers(app)
    app.state.gateway, app.state.database, app.state.authenticator = unit, kernel.database, unit.authenticator
    mount(app, unit.routers)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://gw.test") as client:
        yield await client.post("/v1/session", json=ADMIN)


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(opened: Response, public_url: str) -> None:
    cookies = SimpleCookie()
    for header in opened.headers.get_list("set-cookie"):
        cookies.load(header)
    cookie, mark = cookies["trunkline_session"], cookies["trunkline_browser"]
    assert cookie["httponly"] is True
    assert (cookie["samesite"].lower(), cookie["path"], cookie["domain"]) == ("lax", "/", "")
    assert int(cookie["max-age"]) == 12 * 3600
    assert bool(cookie["secure"]) is public_url.startswith("https")
    assert opened.headers["cache-control"] == "no-store"
    assert cookie.value not in opened.text
    assert (mark["httponly"], mark["samesite"].lower(), mark["path"]) == (True, "strict", "/v1/session")
