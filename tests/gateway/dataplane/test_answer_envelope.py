"""Answers of data or error in the envelope of BlueKing's components."""

import json

import pytest

from gateway.dataplane.answer import Answer
from gateway.dataplane.steps.answer_envelope import put_into_envelope
from tests.gateway.dataplane.conftest import SECRET, Gateway, component

PATH = "/api/cmdb/prod/search"
POLICY = {"kind": "answer-envelope", "config": {}}


def enveloped(status: int, body: str) -> tuple[int, str]:
    answer = Answer(status, [], body.encode())
    put_into_envelope(None, answer)  # type: ignore[arg-type]  # the same for every call
    assert answer.body is not None
    return answer.status, answer.body.decode()


@pytest.mark.parametrize(
    ("status", "body", "wanted"),
    [
        (
            201,
            '{"data": {"n": 12345678901234567890}}',
            {"result": True, "code": 0, "data": {"n": 12345678901234567890}},
        ),
        (
            403,
            '{"error": {"code": "NO_PERMISSION", "message": "no", "data": null}}',
            {"result": False, "code": 1306201, "message": "NO_PERMISSION: no", "data": None},
        ),
        (
            400,
            '{"error": {"code": 7, "message": null, "data": {"n": 1}}}',
            {"result": False, "message": "7", "data": {"n": 1}},
        ),
        (400, '{"error": "bad"}', {"result": False, "message": "bad"}),
    ],
)
def test_data_and_errors_are_told_as_components_tell_them(status: int, body: str, wanted: dict[str, object]) -> None:
    told, answered = enveloped(status, body)
    assert told == 200
    assert json.loads(answered).items() >= wanted.items()


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, '{"result": false, "data": 1}'), (500, '{"data": 1}'), (200, "[1]"), (502, "<html>"), (200, '{"other": 1}')],
)
def test_what_is_neither_stays_as_it_is(status: int, body: str) -> None:
    assert enveloped(status, body) == (status, body)


async def test_both_addresses_answer_alike(gateway: Gateway) -> None:
    gateway.upstream.pieces = [b'{"da', b'ta": [1]}']
    gateway.system(component("search"), policies=[POLICY])
    there = (await gateway.call(PATH, headers={"accept-encoding": "gzip"})).json()
    body = {"bk_app_code": "shop", "bk_app_secret": SECRET}
    here = (await gateway.http.post("/api/c/compapi/v2/cmdb/search/", json=body)).json()
    assert there == {"result": True, "code": 0, "message": "", "data": [1]} == {k: here[k] for k in there}
    assert gateway.upstream.received[0].header("accept-encoding") is None
    assert (await gateway.http.post(PATH)).json()["code_name"]
