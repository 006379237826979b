"""The catalogue of another installation, asked by its management API. What it answers is believed of nothing."""

import json
from collections.abc import Sequence
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from kernel.transport.client import TransportClient
from kernel.transport.errors import TransportError
from kernel.transport.limits import Timeouts
from marketplace.advisories.schemas import AdvisoryView
from marketplace.mirrors.schemas import PluginChanges
from marketplace.package.limits import MAX_ARCHIVE

PAGE: Final = 200
_LONGEST_LIST: Final = 4 * 1024 * 1024
_MOST_ADVISORIES: Final = 500
_TIMEOUTS: Final = Timeouts(connect=5.0, read=30.0, total=120.0)
_GOOD: Final = 200

Answer = TypeVar("Answer", bound=BaseModel)


class RemoteUnusable(Exception):
    """The other installation is away, refuses, or answers what it shouldn't. The message is for people."""


class _Advisories(BaseModel):
    items: list[AdvisoryView]


class RemoteCatalogue:
    """Args:
    client: its policy says which addresses are dialled.
    token: an API token; empty sends none.
    """

    def __init__(self, client: TransportClient, url: str, token: str) -> None:
        self._client = client
        self._base = f"{url.rstrip('/')}/v1"
        self._headers = [(b"accept", b"*/*"), (b"user-agent", b"trunkline-mirror")]
        if token:
            self._headers.append((b"authorization", f"Bearer {token}".encode()))

    async def changes(self, after: str) -> PluginChanges:
        """Raises RemoteUnusable."""
        since = f"&after={after}" if after else ""
        return self._read(PluginChanges, await self._get(f"/plugin-changes?limit={PAGE}{since}", _LONGEST_LIST))

    async def advisories(self, code: str) -> Sequence[AdvisoryView]:
        """Of a plugin, withdrawn ones too. Raises RemoteUnusable."""
        text = await self._get(f"/advisories?plugin={code}&limit={_MOST_ADVISORIES}", _LONGEST_LIST)
        return self._read(_Advisories, text).items

    async def package(self, digest: str) -> bytes:
        """An archive, not yet looked at. Raises RemoteUnusable."""
        return await self._get(f"/packages/{digest}", MAX_ARCHIVE)

    async def _get(self, path: str, longest: int) -> bytes:
        try:
            response = await self._client.request("GET", self._base + path, headers=self._headers, timeouts=_TIMEOUTS)
            body = await response.read(longest)
        except TransportError as error:
            raise RemoteUnusable(str(error)[:500] or type(error).__name__) from error
        if response.status != _GOOD:
            raise RemoteUnusable(f"{path.partition('?')[0]} answers {response.status}{_said(body)}")
        return body

    @staticmethod
    def _read(shape: type[Answer], text: bytes) -> Answer:
        try:
            return shape.model_validate_json(text)
        except ValidationError as error:
            raise RemoteUnusable(f"answers what is no list of ours: {error.errors()[0]['msg'][:200]}") from error


def _said(body: bytes) -> str:
    """What its problem says, as far as it is one."""
    try:
        problem = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    detail = problem.get("detail") if isinstance(problem, dict) else None
    return f": {detail[:200]}" if isinstance(detail, str) else ""
