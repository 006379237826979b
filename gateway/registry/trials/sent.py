"""What a trial sent to the upstream, without what proves the gateway to it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from gateway.wire.credentials import CREDENTIAL_PARAMETERS
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from kernel.transport.limits import DEFAULT_TIMEOUTS, Timeouts
from kernel.transport.origin import Origin
from kernel.transport.request import Body
from kernel.transport.response import Response

HIDDEN: Final = "…"
MOST_BYTES: Final = 256 * 1024

_PROOFS = frozenset(
    {"authorization", "cookie", "signature", "signature-input", "x-bkapi-authorization", "x-bkapi-jwt", "x-api-key"}
)
_SHORTEST_SECRET = 4


@dataclass(frozen=True, slots=True)
class SentRequest:
    """As it went out; ``body`` is cut off where it is long, and empty where it streamed."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def without(self, secrets: tuple[str, ...]) -> "SentRequest":
        """The same with every secret, and every proof made with one, hidden."""

        def hidden(text: str) -> str:
            for secret in secrets:
                for form in (secret, quote(secret, safe="")):
                    text = text.replace(form, HIDDEN) if len(secret) >= _SHORTEST_SECRET else text
            return text

        headers = tuple((name, HIDDEN if name in _PROOFS else hidden(value)) for name, value in self.headers)
        return SentRequest(self.method, _PARAMETERS.sub(rf"\1={HIDDEN}", hidden(self.url)), headers, self.body)


_PARAMETERS = re.compile(rf"(?<=[?&])({'|'.join(map(re.escape, sorted(CREDENTIAL_PARAMETERS)))})=[^&]*")


class NotingClient(TransportClient):
    """Keeps the last request it sent."""

    def __init__(self, policy: AddressPolicy) -> None:
        super().__init__(policy)
        self._sent: SentRequest | None = None

    def take_sent(self) -> SentRequest | None:
        """What was sent last since it was asked before."""
        sent, self._sent = self._sent, None
        return sent

    async def send(
        self,
        origin: Origin,
        method: str,
        head: bytes,
        body: Body,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
        *,
        fresh: bool = False,
    ) -> Response:
        self._note(origin, head, body)
        return await super().send(origin, method, head, body, timeouts, fresh=fresh)

    def send_at_once(
        self,
        origin: Origin,
        method: str,
        head: bytes,
        body: bytes,
        timeouts: Timeouts,
        watcher: Callable[[Response], None],
    ) -> Response | None:
        self._note(origin, head, body)
        return super().send_at_once(origin, method, head, body, timeouts, watcher)

    def _note(self, origin: Origin, head: bytes, body: Body) -> None:
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        method, target, _ = first.split(" ", 2)
        pairs = (line.partition(":") for line in lines)
        headers = tuple((name.lower(), value.strip()) for name, _, value in pairs)
        self._sent = SentRequest(
            method, f"{origin}{target}", headers, body[:MOST_BYTES] if isinstance(body, bytes) else b""
        )
