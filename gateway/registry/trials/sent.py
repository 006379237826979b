"""What a trial sent to the upstream, without what proves the gateway to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote_plus

from gateway.snapshot.model.routes import Signing
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

    def without_proofs(self, signing: Signing) -> "SentRequest":
        """The same with the secret of the stage's signing, and everything made with it, hidden."""
        own = signing.parameters.get("name", "").lower()
        secret = signing.secret.decode("latin-1")

        def hidden(text: str) -> str:
            if len(secret) < _SHORTEST_SECRET:
                return text
            return text.replace(secret, HIDDEN).replace(quote(secret, safe=""), HIDDEN)

        headers = tuple(
            (name, HIDDEN if name in _PROOFS or name == own else hidden(value)) for name, value in self.headers
        )
        address, sign, query = self.url.partition("?")
        pairs = [_without_proof(pair, own) for pair in query.split("&")]
        return SentRequest(self.method, hidden(f"{address}{sign}{'&'.join(pairs)}"), headers, self.body)


def _without_proof(pair: str, own: str) -> str:
    name, sign, _ = pair.partition("=")
    plain = unquote_plus(name)
    is_proof = plain in CREDENTIAL_PARAMETERS or (own and plain.lower() == own)
    return f"{name}{sign}{HIDDEN}" if is_proof else pair


class NotingClient(TransportClient):
    """Keeps the last request it sent for one call: checks of a server's health and requests for tokens are no calls."""

    def __init__(self, policy: AddressPolicy) -> None:
        super().__init__(policy)
        self._sent: SentRequest | None = None
        self._request_id = ""

    def watch(self, request_id: str) -> None:
        """Keeps what is sent for the call of that id from now on."""
        self._sent, self._request_id = None, request_id

    @property
    def sent(self) -> SentRequest | None:
        return self._sent

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
        if ("x-request-id", self._request_id) not in headers:
            return
        self._sent = SentRequest(
            method, f"{origin}{target}", headers, body[:MOST_BYTES] if isinstance(body, bytes) else b""
        )
