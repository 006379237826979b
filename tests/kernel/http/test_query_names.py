"""A query parameter that an address does not know is refused by name, with what it may have meant."""

from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Query
from fastapi.testclient import TestClient

from kernel.http.dependencies import PageDep
from kernel.http.query_names import OTHERS_LEAD_HERE
from trunkline.management import build_management


def _things() -> APIRouter:
    router = APIRouter(prefix="/things")

    @router.get("")
    async def list_things(_page: PageDep, named: Annotated[str, Query(alias="name")] = "") -> str:
        return named

    @router.post("")
    async def make_thing() -> None:
        return

    @router.get("/callback", dependencies=[OTHERS_LEAD_HERE])
    async def finish(code: str) -> str:
        return code

    return router


@pytest.fixture
def client() -> TestClient:
    return TestClient(build_management([_things()], []))


def _refused(client: TestClient, method: str, address: str) -> list[dict[str, Any]]:
    answer = client.request(method, address)
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    errors: list[dict[str, Any]] = answer.json()["errors"]
    return errors


def test_known_parameters_are_taken(client: TestClient) -> None:
    assert client.get("/v1/things?name=a&limit=5&cursor=").json() == "a"


def test_a_misspelt_one_is_told_the_nearest_and_all_that_are_known(client: TestClient) -> None:
    (error,) = _refused(client, "GET", "/v1/things?Limits=5&name=a")
    assert error["field"] == "Limits"
    assert error["problem"] == "is no parameter of this address"
    assert error["remedy"] == "Perhaps limit is meant; it knows name, limit, cursor"
    assert error["code"] == "query.misnamed"


def test_one_like_no_other_is_told_what_is_known(client: TestClient) -> None:
    (error,) = _refused(client, "GET", "/v1/things?zzz=")
    assert (error["code"], error["remedy"]) == ("query.unknown", "It knows name, limit, cursor")


def test_an_address_without_parameters_says_so(client: TestClient) -> None:
    (error,) = _refused(client, "POST", "/v1/things?name=a")
    assert (error["field"], error["code"]) == ("name", "query.none")


def test_only_the_first_few_of_many_are_told(client: TestClient) -> None:
    query = "&".join(f"wrong{number}=1" for number in range(2000))
    assert [each["field"] for each in _refused(client, "GET", f"/v1/things?{query}")] == [
        f"wrong{number}" for number in range(5)
    ]


def test_where_others_lead_parameters_of_theirs_come_along(client: TestClient) -> None:
    assert client.get("/v1/things/callback?code=c&session_state=s").json() == "c"
