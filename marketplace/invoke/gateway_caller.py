"""One call through the gateway."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from kernel.contracts.configuration import Configuration
from kernel.contracts.plugin_invoker import PluginUnavailable
from kernel.transport.client import TransportClient
from kernel.transport.errors import (
    AddressDenied,
    BodyTooLarge,
    ConnectError,
    InvalidRequest,
    ReadTimeout,
    TotalTimeout,
    TransportError,
    UpstreamClosed,
)
from kernel.transport.limits import Timeouts
from kernel.transport.response import Response
from marketplace.invoke.answers import Answer, read_body
from marketplace.invoke.components import CallableComponent
from marketplace.invoke.errors import InvocationFailed

MAX_ANSWER = 4 * 1024 * 1024
_TIMEOUTS = Timeouts(connect=5, read=120, total=180)
_TEMPORARY = frozenset({429, 503})
"""Of the gateway itself: too many calls, not ready, too many under way."""
_UNAVAILABLE = 503
"""Of a system that says when to ask again (RFC 9110 §10.2.3): it did nothing, and the repeat carries the same key."""


_UNKNOWN_OR_FORBIDDEN = frozenset({403, 404})
"""Of the gateway itself, before it asked anybody: what was configured just now may not have reached its process yet."""


class GatewayCaller:
    def __init__(self, client: TransportClient, gateway_url: str, configuration: Configuration) -> None:
        self._client = client
        self._base = gateway_url.rstrip("/")
        self._configuration = configuration

    async def call(
        self,
        component: CallableComponent,
        target: str,
        body: Any,
        token: str,
        idempotency_key: str,
        headers: Iterable[tuple[bytes, bytes]] = (),
    ) -> Answer:
        """Sends the call and reads its answer; a refusal is believed when the newest configuration gives it.

        Args:
            idempotency_key: empty for a read.
            headers: sent besides, by names in small letters.

        Raises:
            PluginUnavailable: the gateway is away for the moment, or ended the connection before it answered; or it
                refused, and the database, which knows what is configured, is away, or not all its processes have
                taken that up yet.
            InvocationFailed: no answer that can be used.
        """
        more = [*headers, (b"idempotency-key", idempotency_key.encode())] if idempotency_key else [*headers]
        answer = await self._sent(component, target, body, token, more)
        if answer.from_gateway and answer.status in _UNKNOWN_OR_FORBIDDEN:
            try:
                is_newest = await self._configuration.newest_is_live()
            except (SQLAlchemyError, OSError) as error:
                raise PluginUnavailable(answer.failure()) from error
            answer = await self._sent(component, target, body, token, more)
            if not is_newest and answer.from_gateway and answer.status in _UNKNOWN_OR_FORBIDDEN:
                raise PluginUnavailable(answer.failure())
        return answer

    async def _sent(
        self, component: CallableComponent, target: str, body: Any, token: str, more: list[tuple[bytes, bytes]]
    ) -> Answer:
        headers = [(b"authorization", b"Bearer " + token.encode()), (b"accept", b"application/json"), *more]
        content = b""
        if body is not None:
            content = json.dumps(body, separators=(",", ":")).encode()
            headers.append((b"content-type", b"application/json"))
        try:
            response = await self._client.request(
                component.description.method, self._base + target, headers=headers, body=content, timeouts=_TIMEOUTS
            )
            received = response.take_if_complete()
            if received is None or len(received) > MAX_ANSWER:
                received = await response.read(MAX_ANSWER) if received is None else _too_large()
        except TransportError as error:
            raise _translated(component.label, error) from error
        return _answer(component.label, response, received)


def _answer(label: str, response: Response, body: bytes) -> Answer:
    from_gateway = response.header(b"x-bkapi-error-code") is not None
    request_id = response.header(b"x-request-id") or response.header(b"x-bkapi-request-id") or b""
    value = read_body(label, body, response.header(b"content-type") or b"")
    answer = Answer(label, response.status, value, request_id.decode("latin-1")[:64], from_gateway)
    if from_gateway and response.status in _TEMPORARY:
        raise PluginUnavailable(answer.failure())
    if response.status == _UNAVAILABLE and response.header(b"retry-after") is not None:
        raise PluginUnavailable(answer.failure())
    return answer


def _too_large() -> bytes:
    raise BodyTooLarge


def _translated(label: str, error: TransportError) -> Exception:
    if isinstance(error, (AddressDenied, InvalidRequest)):
        return InvocationFailed(f"{label}: the gateway can't be called: {error}")
    if isinstance(error, BodyTooLarge):
        return InvocationFailed(f"{label} answered more than {MAX_ANSWER} bytes")
    if isinstance(error, (ReadTimeout, TotalTimeout)):
        return InvocationFailed(f"{label}: no answer in time; whether the call was carried out is not known")
    if isinstance(error, (ConnectError, UpstreamClosed)):
        return PluginUnavailable(f"the gateway can't be reached: {error}")
    return InvocationFailed(f"{label}: the gateway's answer can't be read: {error}")
