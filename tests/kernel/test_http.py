"""The edge of the management API: ids, limits and errors."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError, OperationalError

from kernel.errors import Invalid
from trunkline.management import build_management, with_middleware


class Thing(BaseModel):
    size: int


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app: FastAPI = build_management([], [])

    @app.post("/things")
    async def make_thing(thing: Thing) -> Thing:
        if thing.size < 0:
            raise Invalid.field("size", "is negative", "Send 0 or more")
        if thing.size == 14:
            raise OperationalError("UPDATE x", {}, Exception("database is locked"))
        if thing.size == 15:
            raise IntegrityError("INSERT x", {}, Exception("UNIQUE constraint failed: secret detail"))
        if thing.size == 13:
            raise RuntimeError("secret detail")
        return thing

    transport = httpx.ASGITransport(with_middleware(app, 1000))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
        yield opened


async def test_an_expected_error_is_a_problem_document_with_field_and_remedy(client: httpx.AsyncClient) -> None:
    answer = await client.post("/things", json={"size": -1})
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["errors"] == [{"field": "size", "problem": "is negative", "remedy": "Send 0 or more"}]
    assert problem["code"] == "invalid"
    assert problem["request_id"] == answer.headers["X-Request-Id"]


async def test_a_wrong_type_names_its_field_and_what_to_send(client: httpx.AsyncClient) -> None:
    answer = await client.post("/things", json={"size": "many"})
    said = {
        "problem": "is no whole number",
        "remedy": "Send a whole number",
        "code": "shape.whole_number",
        "params": {},
    }
    assert (answer.status_code, answer.json()["errors"]) == (422, [{"field": "size", **said}])


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[" * 900, b""])
async def test_an_unreadable_body_names_the_body(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/things", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.json()["errors"][0]["field"] == "body"


async def test_a_body_over_the_limit_is_refused_announced_or_streamed(client: httpx.AsyncClient) -> None:
    async def stream() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 100

    announced = await client.post("/things", content=b" " * 1001)
    streamed = await client.post("/things", content=stream(), headers={"Content-Type": "application/json"})
    for answer in (announced, streamed):
        assert answer.status_code == 413
        assert answer.json()["errors"][0]["remedy"] == "Send at most 1000 bytes"


async def test_an_unexpected_error_tells_nothing_but_its_request_id(client: httpx.AsyncClient) -> None:
    answer = await client.post("/things", json={"size": 13}, headers={"X-Request-Id": "ab" * 16})
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert answer.json()["request_id"] == "ab" * 16


async def test_a_database_that_is_away_is_said_to_be_away_for_the_moment(client: httpx.AsyncClient) -> None:
    answer = await client.post("/things", json={"size": 14})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "UPDATE" not in answer.text


async def test_an_id_of_another_form_is_replaced(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nothing", headers={"X-Request-Id": "x\x1b[31m"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert len(answer.headers["X-Request-Id"]) == 32


@pytest.mark.rfc("9700", "4.16", "No page of ours is shown inside another")
async def test_every_answer_has_the_content_security_policy(client: httpx.AsyncClient) -> None:
    policy = (await client.get("/nothing")).headers["Content-Security-Policy"]
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy


async def test_what_two_made_at_the_same_moment_is_a_conflict_and_no_fault(client: httpx.AsyncClient) -> None:
    answer = await client.post("/things", json={"size": 15})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert "secret detail" not in answer.text
