"""Headers set and removed on the way in and out."""

from gateway.dataplane.answer import Answer
from gateway.dataplane.call import Call
from gateway.policies.kinds.header_rewrite import Rewrite
from gateway.wire.request_headers import alike


class RewriteRequest:
    __slots__ = ("_gone", "_lines")

    def __init__(self, rewrite: Rewrite) -> None:
        self._gone = frozenset(alike(name) for name in _names(rewrite))
        self._lines = [
            part for name, value in rewrite.set.items() for part in (name.encode(), b": ", value.encode(), b"\r\n")
        ]

    def __call__(self, call: Call) -> None:
        call.headers = call.headers.without(self._gone)
        call.headers.passed += self._lines


class RewriteAnswer:
    """Leaves refusals as they are: their headers are part of what clients know of them."""

    __slots__ = ("_gone", "_set")

    def __init__(self, rewrite: Rewrite) -> None:
        self._gone = _names(rewrite)
        self._set = [(name.encode(), value.encode()) for name, value in rewrite.set.items()]

    def __call__(self, call: Call, answer: Answer) -> None:  # noqa: ARG002 - the same for every call
        if answer.refusal is None:
            answer.headers = [pair for pair in answer.headers if pair[0] not in self._gone]
            answer.headers += self._set


def _names(rewrite: Rewrite) -> frozenset[bytes]:
    return frozenset(name.encode() for name in (*rewrite.remove, *rewrite.set))
