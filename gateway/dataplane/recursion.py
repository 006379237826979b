"""A call that comes back to the gateway it left by: a backend that is the gateway, or forwards everything to it."""

import hashlib
import re

from gateway.dataplane.headers import InboundHeaders
from gateway.wire.codes import RECURSION
from gateway.wire.refusal import Refusal

NAME = b"x-bkapi-instance-id"

_ID = re.compile(rb"[0-9a-f]{32}")


class Recursion:
    """All processes of one gateway have one id, made of its public address: a loop through any of them is seen.

    ``line`` goes with every call to an upstream. Ids of other gateways like this one go on beside it.
    """

    __slots__ = ("_instance", "line")

    def __init__(self, public_url: str) -> None:
        self._instance = hashlib.sha256(public_url.rstrip("/").encode()).hexdigest()[:32].encode()
        self.line = f"{NAME.decode()}: {self._instance.decode()}\r\n"

    def check(self, headers: InboundHeaders) -> None:
        """Raises Refusal when our own id is there."""
        seen = headers.kept.get(NAME)
        if seen is None:
            return
        others = [each.strip() for each in seen.split(b",")]
        if self._instance in others:
            raise Refusal(RECURSION, "the call was forwarded by this gateway before")
        for other in others:
            if _ID.fullmatch(other):
                headers.passed += (NAME, b": ", other, b"\r\n")
