"""A credential of the upstream's own, the same in every call: the profiles ``basic``, ``bearer`` and ``api-key``."""

from urllib.parse import unquote_plus

from gateway.dataplane.call import Call
from gateway.snapshot.model.routes import Signing
from gateway.wire.codes import INVALID_RESOURCE
from gateway.wire.refusal import Refusal
from gateway.wire.request_headers import alike
from kernel.signing.credentials import basic, bearer, key_header, key_parameter


class SendHeader:
    """The line is made once. What the client sent under its name is taken away: it is not the client's to say."""

    __slots__ = ("_gone", "_line")

    needs_body = False

    def __init__(self, line: str) -> None:
        self._line = line
        self._gone = frozenset({alike(line.partition(":")[0].encode())})

    def __call__(self, call: Call) -> None:
        call.headers = call.headers.without(self._gone)
        call.signature = self._line


class SendParameter:
    """An API key in the query; the client's own parameter of that name is taken away."""

    __slots__ = ("_name", "_parameter")

    needs_body = False

    def __init__(self, name: str, key: str) -> None:
        self._name = name
        self._parameter = key_parameter(name, key)

    def __call__(self, call: Call) -> None:
        path, _, query = call.target.partition("?")
        pairs = [pair for pair in query.split("&") if pair and unquote_plus(pair.split("=", 1)[0]) != self._name]
        call.target = f"{path}?{'&'.join([*pairs, self._parameter])}"


def send_credential(signing: Signing) -> SendHeader | SendParameter:
    """Raises Refusal(INVALID_RESOURCE) for a credential that cannot be sent."""
    try:
        secret, parameters = signing.secret.decode(), signing.parameters
        if signing.profile == "basic":
            return SendHeader(f"authorization: {basic(parameters['username'], secret)}\r\n")
        if signing.profile == "bearer":
            return SendHeader(f"authorization: {bearer(secret)}\r\n")
        if parameters["location"] == "query":
            return SendParameter(parameters["name"], secret)
        return SendHeader(key_header(parameters["name"], secret))
    except (ValueError, KeyError) as problem:
        raise Refusal(INVALID_RESOURCE, "the stage's credential for its upstream cannot be sent") from problem
