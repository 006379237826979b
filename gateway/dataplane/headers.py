"""What becomes of each header a client sends.

What claims an identity, is a credential or belongs to one hop stays here.

The decision for a name is made once and remembered; no object is made for a header.
"""

from typing import Final

from gateway.dataplane.strict_head import MalformedHead, check_coding, check_host
from gateway.wire.codes import CREDENTIALS_INVALID, INVALID_ARGS, Code
from gateway.wire.refusal import Refusal
from gateway.wire.request_headers import KEPT, alike, is_own

PASS: Final = 0
DROP: Final = 1
KEEP: Final = 2
CONNECTION: Final = 3
HOST: Final = 4

_REMEMBERED: Final = 2048
_LONGEST_REMEMBERED: Final = 100
"""Bytes of a name; nobody fills the memory with longer ones."""

_ONLY_ONCE: Final = frozenset(
    {
        b"authorization", b"x-bkapi-authorization", b"x-bkapi-jwt", b"idempotency-key", b"content-length",
        b"content-type", b"transfer-encoding", b"dpop", b"x-use-test-env",
    }
)  # fmt: skip


def _decide(name: bytes) -> int:
    if name in KEPT:
        return KEEP
    if name == b"connection":
        return CONNECTION
    if name == b"host":
        return HOST
    return DROP if is_own(name) else PASS


class InboundHeaders:
    """The headers of a call, sorted out: ``kept`` for the gateway itself, ``passed`` as lines for the upstream."""

    __slots__ = ("kept", "passed")

    def __init__(self, kept: dict[bytes, bytes], passed: list[bytes]) -> None:
        self.kept = kept
        self.passed = passed

    def without(self, names: frozenset[bytes]) -> "InboundHeaders":
        """The same without the lines for the upstream whose names, `alike`, are among these."""
        return InboundHeaders(self.kept, _without(self.passed, names))

    def value(self, name: bytes) -> bytes | None:
        """What is passed under a name, however it is spelt; None for nothing."""
        passed, wanted = self.passed, alike(name)
        values = [passed[at + 2] for at in range(0, len(passed), 4) if alike(passed[at]) == wanted]
        return b", ".join(values) if values else None


class HeaderSorter:
    """Remembers what was decided for the names it has seen, in the spelling it saw, up to a bound; then it begins anew,
    so that nobody keeps the usual names out for good.
    """

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[int, bytes]] = {}

    def sort(self, headers: list[tuple[bytes, bytes]]) -> InboundHeaders:
        """Raises Refusal for a header that must not be repeated, MalformedHead for what servers read differently."""
        known = self._known
        kept: dict[bytes, bytes] = {}
        passed: list[bytes] = []
        nominated: bytes | None = None
        hosts = 0
        for sent, value in headers:
            action, name = known.get(sent) or self._learn(sent)
            if action == PASS:
                passed += (name, b": ", value, b"\r\n")
            elif action == KEEP:
                kept[name] = value if name not in kept else _joined(name, kept[name], value)
            elif action == HOST:
                hosts += 1
                check_host(hosts, value)
            elif action == CONNECTION:
                nominated = value if nominated is None else nominated + b"," + value
        if not hosts:
            raise MalformedHead
        if b"transfer-encoding" in kept:
            check_coding(kept[b"transfer-encoding"])
        if nominated is not None and nominated.lower() not in (b"keep-alive", b"close"):
            passed = _without_nominated(passed, nominated)
        return InboundHeaders(kept, passed)

    def _learn(self, sent: bytes) -> tuple[int, bytes]:
        name = sent.lower()
        decided = (_decide(name), name)
        if len(sent) <= _LONGEST_REMEMBERED:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[sent] = decided
        return decided


def _joined(name: bytes, first: bytes, second: bytes) -> bytes:
    """A repeated header in one line (RFC 9110 §5.3, RFC 6265 §5.4); raises Refusal where there must be but one."""
    if name in _ONLY_ONCE:
        raise Refusal(_repeated(name), f"request header {name.decode('latin-1')} is repeated")
    return first + (b"; " if name == b"cookie" else b", ") + second


def _repeated(name: bytes) -> Code:
    return INVALID_ARGS if name.startswith((b"content", b"transfer", b"idempotency", b"x-use")) else CREDENTIALS_INVALID


def _without_nominated(passed: list[bytes], nominated: bytes) -> list[bytes]:
    """Headers the Connection header names belong to this hop (RFC 9110 §7.6.1). What we add is not among them."""
    return _without(passed, frozenset(alike(name.strip()) for name in nominated.split(b",")))


def _without(passed: list[bytes], names: frozenset[bytes]) -> list[bytes]:
    if names.isdisjoint(map(alike, passed[::4])):
        return passed
    return [part for at in range(0, len(passed), 4) if alike(passed[at]) not in names for part in passed[at : at + 4]]
