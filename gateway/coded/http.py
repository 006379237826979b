"""HTTP for coded components: addresses are checked as those of upstreams are, and an answer is bounded."""

import json as jsonlib
from collections.abc import Mapping
from typing import Any, Final

from gateway.coded.component import HttpAnswer
from kernel.envelope import ComponentError
from kernel.transport.client import TransportClient
from kernel.transport.errors import TransportError
from kernel.transport.limits import Timeouts

MOST_BYTES: Final = 10 * 1024 * 1024
UNREACHABLE: Final = 1306201

_CONNECT_SECONDS = 5.0


class CheckedHttp:
    """Redirects are not followed. Raises ComponentError, which callers see, for what can't be reached."""

    def __init__(self, client: TransportClient) -> None:
        self._client = client

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
        sent = {"accept-encoding": "identity", **{name.lower(): value for name, value in (headers or {}).items()}}
        if json is not None:
            body = jsonlib.dumps(json).encode()
            sent["content-type"] = "application/json"
        pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sent.items()]
        timeouts = Timeouts(connect=min(_CONNECT_SECONDS, seconds), read=seconds, total=seconds)
        try:
            response = await self._client.request(method, url, headers=pairs, body=body, timeouts=timeouts)
            answered = await response.read(MOST_BYTES)
        except TransportError as error:
            raise ComponentError(UNREACHABLE, f"a system behind this component can't be reached: {error}") from error
        found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        return HttpAnswer(response.status, found, answered)
