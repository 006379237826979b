"""The CORS protocol of the Fetch standard: preflights are answered here, other answers get their headers."""

from gateway.dataplane.answer import Answer
from gateway.dataplane.call import Call
from gateway.dataplane.exchange import Headers
from gateway.dataplane.headers import InboundHeaders
from gateway.policies.kinds.cors import ANY, Cors

_PREFIX = b"access-control-"
_NO_CONTENT = 204
_REMEMBERED = 1024
_LONGEST_ORIGIN = 300
"""Bytes; a host's name has 253 at most."""


class ShareWithOrigins:
    """``methods`` are those the component answers; a policy that names none allows these."""

    __slots__ = ("_any", "_credentials", "_decided", "_exact", "_expose", "_headers", "_max_age", "_methods", "_wild")

    def __init__(self, policy: Cors, methods: tuple[str, ...]) -> None:
        origins = [origin.lower() for origin in policy.allow_origins]
        self._any = ANY in origins
        self._exact = frozenset(origins)
        self._wild = tuple(_halves(origin) for origin in origins if "//*." in origin)
        self._credentials = policy.allow_credentials
        self._methods = ", ".join(policy.allow_methods or methods).encode()
        self._headers = ", ".join(policy.allow_headers).encode()
        self._expose = ", ".join(policy.expose_headers).encode()
        self._max_age = b"%d" % policy.max_age
        self._decided: dict[bytes, bool] = {}

    def preflight(self, headers: InboundHeaders) -> Answer:
        """The answer to a preflight; to an origin that isn't allowed it allows nothing."""
        origin = headers.value(b"origin") or b""
        own = self._origin_headers(origin)
        if own:
            asked = headers.value(b"access-control-request-headers") or b""
            own.append((b"access-control-allow-methods", self._methods))
            if self._headers or asked:
                own.append((b"access-control-allow-headers", self._headers or asked))
            own.append((b"access-control-max-age", self._max_age))
        own.append((b"vary", b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers"))
        return Answer(_NO_CONTENT, own, b"", is_final=True)

    def answer(self, call: Call, answer: Answer) -> None:
        """What the upstream says of origins gives way to the policy."""
        answer.headers = [pair for pair in answer.headers if not pair[0].startswith(_PREFIX)]
        if not self._any or self._credentials:
            answer.headers.append((b"vary", b"Origin"))
        origin = call.headers.value(b"origin")
        if origin is None:
            return
        own = self._origin_headers(origin)
        if own and self._expose:
            own.append((b"access-control-expose-headers", self._expose))
        answer.headers += own

    def _origin_headers(self, origin: bytes) -> Headers:
        if not self._allows(origin):
            return []
        if self._any:
            return [(b"access-control-allow-origin", b"*")]
        own = [(b"access-control-allow-origin", origin)]
        if self._credentials:
            own.append((b"access-control-allow-credentials", b"true"))
        return own

    def _allows(self, origin: bytes) -> bool:
        if self._any:
            return True
        if len(origin) > _LONGEST_ORIGIN:
            return False
        allowed = self._decided.get(origin)
        if allowed is None:
            text = origin.decode("latin-1").lower()
            allowed = text in self._exact or any(_matches(text, *halves) for halves in self._wild)
            if len(self._decided) >= _REMEMBERED:
                self._decided.clear()
            self._decided[origin] = allowed
        return allowed


def _halves(origin: str) -> tuple[str, str]:
    """``https://`` and ``.example.com`` of ``https://*.example.com``."""
    before, _, after = origin.partition("*")
    return before, after


def _matches(origin: str, before: str, after: str) -> bool:
    host = origin[len(before) : len(origin) - len(after)]
    return origin.startswith(before) and origin.endswith(after) and host != "" and not set(host) & set("/:@?#\\")
