"""Members of answers under the names callers know them by, through the served data plane."""

import gzip
from typing import Any

import pytest

from gateway.dataplane.answer import Answer
from gateway.dataplane.steps.answer_rename import RenameAnswer
from gateway.policies.kinds.answer_rename import AnswerRename
from tests.gateway.dataplane.conftest import SECRET, Gateway, component

PATH = "/api/cmdb/prod/search"
CODES = {"kind": "answer-rename", "config": {"members": {"bk_error_code": "code", "bk_error_msg": "message"}}}


def renamed(body: str, **members: str) -> str:
    answer = Answer(200, [], body.encode())
    RenameAnswer(AnswerRename(members={place.replace("__", "."): name for place, name in members.items()}))(
        None,  # type: ignore[arg-type]  # it is the same for every call
        answer,
    )
    assert answer.body is not None
    return answer.body.decode()


@pytest.mark.parametrize(
    ("body", "members", "wanted"),
    [
        ('{"a": 1.50, "b": 2}', {"a": "x"}, '{"x": 1.50, "b": 2}'),
        ('{"x": 0, "a": 12345678901234567890}', {"a": "x"}, '{"x": 12345678901234567890}'),
        ('{"a": 1, "b": 2}', {"a": "b", "b": "a"}, '{"b": 1, "a": 2}'),
        ('{"d": {"d": [], "n": 1}}', {"d__d": "info"}, '{"d": {"info": [], "n": 1}}'),
        ('{"d": [{"n": "x"}, 3, {"o": 1}]}', {"d__*__n": "label"}, '{"d": [{"label": "x"},3,{"o": 1}]}'),
        ('{"d": {"l": [1]}}', {"d": "e", "d__l": "m"}, '{"e": {"m": [1]}}'),
        ('{"other": null}', {"a": "x"}, '{"other": null}'),
        ('[{"a": 1}]', {"a": "x"}, '[{"a": 1}]'),
        ("<html>", {"a": "x"}, "<html>"),
        ('{"a": 1} trailing', {"a": "x"}, '{"a": 1} trailing'),
    ],
)
def test_values_pass_as_they_stood_under_their_new_names(body: str, members: dict[str, str], wanted: str) -> None:
    assert renamed(body, **members) == wanted


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ('{"d": {"n": 1}}', '{"d": {"n": 1, "v": {}, "e": null}}'),
        ('{"d": {"v": 0, "old": 2}}', '{"d": {"v": 0, "e": 2}}'),
        ('{"d": null}', '{"d": null}'),
        ('{"x": 1}', '{"x": 1}'),
    ],
)
def test_what_is_missing_is_added_by_its_new_name(body: str, wanted: str) -> None:
    answer = Answer(200, [], body.encode())
    policy = AnswerRename(members={"d.old": "e"}, adds={"d.v": {}, "d.e": None})
    RenameAnswer(policy)(None, answer)  # type: ignore[arg-type]  # the same for every call
    assert answer.body == wanted.encode()


class TestThroughTheGateway:
    def serve(self, gateway: Gateway, *pieces: bytes, **settings: Any) -> None:
        gateway.upstream.pieces = list(pieces)
        gateway.system(component("search"), policies=[CODES], **settings)

    async def test_an_answer_that_comes_in_pieces_is_renamed(self, gateway: Gateway) -> None:
        self.serve(gateway, b'{"result": false, "bk_error', b'_code": 1199006, "bk_error_msg": "no", "data": null}')
        answer = await gateway.call(PATH, headers={"accept-encoding": "gzip"})
        assert answer.json() == {"result": False, "code": 1199006, "message": "no", "data": None}
        assert gateway.upstream.received[0].header("accept-encoding") is None

    async def test_the_envelope_takes_the_new_names(self, gateway: Gateway) -> None:
        self.serve(gateway, b'{"result": false, "bk_error_code": 1199006, "bk_error_msg": "no"}')
        body = {"bk_app_code": "shop", "bk_app_secret": SECRET}
        answer = (await gateway.http.post("/api/c/compapi/v2/cmdb/search/", json=body)).json()
        assert (answer["result"], answer["code"], answer["message"], answer["data"]) == (False, 1199006, "no", None)

    async def test_a_refusal_of_the_gateways_own_stays_as_it_is(self, gateway: Gateway) -> None:
        self.serve(gateway, b"{}")
        assert (await gateway.http.post(PATH)).json()["code_name"]

    async def test_what_is_compressed_all_the_same_passes(self, gateway: Gateway) -> None:
        gateway.upstream.headers.append((b"content-encoding", b"gzip"))
        self.serve(gateway, gzip.compress(b'{"bk_error_code": 0}'))
        assert (await gateway.call(PATH)).json() == {"bk_error_code": 0}
