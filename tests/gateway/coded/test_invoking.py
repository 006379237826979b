"""What a component that calls another one makes of its answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from gateway.coded.component import HttpAnswer
from gateway.coded.invoking import FAILED, Route, invoke
from kernel.envelope import ComponentError

_ROUTE = Route("POST", "cmdb", "/search", "a token")


@dataclass(slots=True)
class Answering:
    """Everybody answers the same."""

    body: bytes
    status: int = 200

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        body: bytes = b"",
        seconds: float = 30.0,
    ) -> HttpAnswer:
        return HttpAnswer(self.status, {}, self.body)


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 10_000 + b"]" * 10_000, b'{"a":' * 100_000], ids=len)
async def test_an_answer_that_is_no_json_or_nested_without_end_is_told_as_such(body: bytes) -> None:
    with pytest.raises(ComponentError, match="cmdb answered 200 and no JSON") as told:
        await invoke(Answering(body), "http://gateway", _ROUTE, {}, "0" * 32, 5.0)
    assert told.value.code == FAILED


async def test_what_was_answered_is_the_components_data() -> None:
    answer = Answering(b'{"result": true, "data": [1]}')
    assert await invoke(answer, "http://gateway", _ROUTE, {}, "0" * 32, 5.0) == [1]
    refused = Answering(b'{"result": false, "code": 7, "message": "no such host"}')
    with pytest.raises(ComponentError, match="cmdb: no such host") as told:
        await invoke(refused, "http://gateway", _ROUTE, {}, "0" * 32, 5.0)
    assert told.value.code == 7
