"""What can go wrong between us and an upstream.

::

    TransportError
      ConnectError            nothing was sent
        AddressDenied         the policy forbids the resolved address
        ResolveFailed         the name has no address
        ConnectFailed         refused, unreachable, TLS not verified
        ConnectTimeout
        PoolFull
      ExchangeError           the request may have been processed
        UpstreamClosed        the connection ended before the answer did
        ProtocolViolation     what came is not HTTP/1.1 as it must be
          HeadersTooLarge
        ReadTimeout           nothing came for too long
        TotalTimeout
      BodyTooLarge            a bounded read met a longer body
      InvalidRequest          the caller's own head or address is malformed; nothing was sent
"""


class TransportError(Exception):
    """The root of all errors of this client. ``str()`` is safe to log; it holds no header and no body."""


class ConnectError(TransportError):
    """No connection; nothing of the request was sent."""


class AddressDenied(ConnectError):
    """The address a name resolved to must not be dialled."""


class ResolveFailed(ConnectError):
    """The host name has no address."""


class ConnectFailed(ConnectError):
    """The connection was refused, unreachable, or its certificate was not accepted."""


class ConnectTimeout(ConnectError):
    """No connection within the connect timeout."""


class PoolFull(ConnectError):
    """As many connections to this origin as the limits allow are in use."""


class ExchangeError(TransportError):
    """The request was sent, at least in part; whether it was processed is unknown."""


class UpstreamClosed(ExchangeError):
    """The upstream ended the connection before its answer was complete."""


class ProtocolViolation(ExchangeError):
    """The upstream's bytes are not a well-formed HTTP/1.1 answer to what was asked."""


class HeadersTooLarge(ProtocolViolation):
    """The answer's head or trailers are longer than the limit."""


class ReadTimeout(ExchangeError):
    """Nothing came from the upstream for longer than the read timeout."""


class TotalTimeout(ExchangeError):
    """The whole exchange took longer than allowed."""


class BodyTooLarge(TransportError):
    """A body is longer than the caller's bound."""


class InvalidRequest(TransportError):
    """The caller's method, target, header or address cannot be sent."""
