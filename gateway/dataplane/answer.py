"""The answer on its way to the client: hop-by-hop headers of the upstream stay here, bytes pass."""

from typing import Final, Protocol

from gateway.dataplane.exchange import Headers
from gateway.wire.refusal import Refusal
from kernel.transport.response import Response

# Of one hop, or ours to say. The server in front stamps its own date, and frames the body.
_DROPPED: Final = frozenset(
    {
        b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-connection", b"te", b"trailer",
        b"transfer-encoding", b"content-length", b"upgrade", b"x-request-id", b"x-bkapi-request-id",
        b"x-bkapi-error-code", b"x-bkapi-error-message", b"x-trunkline-release", b"date",
    }
)  # fmt: skip
_REMEMBERED: Final = 2048
_LONGEST_REMEMBERED: Final = 100


class Tap(Protocol):
    """Sees the body of a streaming answer pass."""

    def take(self, piece: bytes) -> None: ...

    def end(self, *, whole: bool) -> None:
        """Called once; ``whole`` is False when the upstream broke off or the client went."""


class Answer:
    """What a hook sees, and may change, before the client does.

    ``headers`` have lower-case names, none of them about framing. ``body`` is None while it streams; a hook that wants
    it then adds to ``taps``. ``length`` is what was announced. ``refusal`` is there when the gateway itself refused
    the call. ``is_final`` keeps the answer out of the envelope of its stage.
    """

    __slots__ = ("body", "headers", "is_final", "length", "refusal", "status", "taps")

    def __init__(
        self,
        status: int,
        headers: Headers,
        body: bytes | None,
        *,
        length: bytes | None = None,
        refusal: Refusal | None = None,
        is_final: bool = False,
    ) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self.length = length
        self.refusal = refusal
        self.is_final = is_final
        self.taps: tuple[Tap, ...] = ()


class Answered(Exception):
    """Raised by a step that answers the call itself: a redirect, a mock, what a cache holds."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("a step answered the call")
        self.answer = answer


class AnswerHeaders:
    """Remembers the lower-case form of the names it has seen (or that they stay here), as `HeaderSorter` does."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[bytes, bytes] = {}

    def pass_on(self, response: Response) -> Headers:
        """The upstream's headers for the client."""
        known = self._known
        passed: Headers = []
        for name, value in response.headers:
            lower = known.get(name)
            if lower is None:
                lower = self._learn(name)
            if lower:
                passed.append((lower, value))
        return passed

    def _learn(self, name: bytes) -> bytes:
        lower = name.lower()
        kept = b"" if lower in _DROPPED else lower
        if len(name) <= _LONGEST_REMEMBERED:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[name] = kept
        return kept
