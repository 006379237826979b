"""BlueKing's login service: whose login cookie it is."""

import json
from typing import Final
from urllib.parse import quote

from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from kernel.transport.errors import TransportError
from kernel.transport.limits import Timeouts
from kernel.transport.origin import parse_url

LONGEST_TOKEN: Final = 1000

_LONGEST_ANSWER: Final = 64 * 1024
_TIMEOUTS: Final = Timeouts(connect=2.0, read=5.0, total=5.0)
_OK: Final = 200


class LoginServiceAway(Exception):
    """The login service does not answer as it should."""


class LoginService:
    """Asks ``url`` (``…/login/api/v2/is_login/``) about one credential at a time; remembers nothing."""

    __slots__ = ("_client", "url")

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = TransportClient(AddressPolicy.allowing([str(parse_url(url)[0])] if url else []))

    async def aclose(self) -> None:
        await self._client.aclose()

    async def user_of(self, token: str, parameter: str = "bk_token") -> str | None:
        """The user whose credential this is, None when it is nobody's.

        ``parameter`` is the credential's name, ``bk_token`` or ``bk_ticket``. Raises LoginServiceAway.
        """
        try:
            answer = await self._ask(f"{self.url}?{parameter}={quote(token, safe='')}")
        except (TransportError, ValueError, RecursionError) as error:
            raise LoginServiceAway("the login service does not answer as it should") from error
        data = answer.get("data")
        if not _is_known(answer, parameter) or not isinstance(data, dict):
            return None
        user = data.get("bk_username") or data.get("username")
        return user if isinstance(user, str) and user else None

    async def _ask(self, url: str) -> dict[str, object]:
        response = await self._client.request("GET", url, timeouts=_TIMEOUTS)
        answer = json.loads(await response.read(_LONGEST_ANSWER))
        if response.status != _OK or not isinstance(answer, dict):
            raise ValueError("not an answer of a login service")
        return answer


def _is_known(answer: dict[str, object], parameter: str) -> bool:
    """The service of ``bk_ticket`` says ``ret: 0`` where that of ``bk_token`` says ``result: true``."""
    if parameter == "bk_ticket" and "result" not in answer:
        return type(answer.get("ret")) is int and answer["ret"] == 0
    return answer.get("result") is True
