"""One call through the gateway."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from kernel.contracts.configuration import Configuration
from kernel.contracts.gateway_calls import GatewayAnswer, GatewayCalls
from kernel.contracts.plugin_invoker import PluginUnavailable
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
from marketplace.invoke.answers import Answer, read_body
from marketplace.invoke.components import CallableComponent
from marketplace.invoke.errors import InvocationFailed

MAX_ANSWER = 4 * 1024 * 1024
_TEMPORARY = frozenset({429, 503})
"""Of the gateway itself: too many calls, not ready, too many under way."""
_UNAVAILABLE = 503
"""Of a system that says when to ask again (RFC 9110 §10.2.3): it did nothing, and the repeat carries the same key."""


_UNKNOWN_OR_FORBIDDEN = frozenset({403, 404})
"""Of the gateway itself, before it asked anybody: what was configured just now may not have reached its process yet."""


class GatewayCaller:
    def __init__(self, calls: GatewayCalls, configuration: Configuration) -> None:
        self._calls = calls
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
            received = await self._calls.call(component.description.method, target, headers, content, MAX_ANSWER)
        except TransportError as error:
            raise _translated(component.label, error) from error
        return _answer(component.label, received)


def _answer(label: str, received: GatewayAnswer) -> Answer:
    from_gateway = received.header(b"x-bkapi-error-code") is not None
    request_id = received.header(b"x-request-id") or received.header(b"x-bkapi-request-id") or b""
    value = read_body(label, received.body, received.header(b"content-type") or b"")
    answer = Answer(label, received.status, value, request_id.decode("latin-1")[:64], from_gateway)
    if from_gateway and received.status in _TEMPORARY:
        raise PluginUnavailable(answer.failure())
    if received.status == _UNAVAILABLE and received.header(b"retry-after") is not None:
        raise PluginUnavailable(answer.failure())
    return answer


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
