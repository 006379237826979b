"""A data plane of its own for calls that people try: over the configuration they try, and nobody else's."""

import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import quote, urlencode

from gateway.dataplane.app import DataPlane
from gateway.dataplane.exchange import Headers
from gateway.dataplane.followed_exchange import FollowedExchange
from gateway.dataplane.kept_exchange import MOST_BYTES, KeptExchange
from gateway.oauth.keys.key_pairs import make_pair, open_signer
from gateway.oauth.tokens.access_tokens import AccessTokenIssuer
from gateway.registry.component_definition import ComponentDefinition
from gateway.registry.trials.sent import NotingClient, SentRequest
from gateway.snapshot.model.documents import OpenSecret
from gateway.snapshot.model.errors import ShardError
from gateway.snapshot.model.matching import is_parameter, segments_of
from gateway.snapshot.model.snapshot import Snapshot, SnapshotHolder, compile_shard
from gateway.snapshot.model.systems import SystemShard
from kernel.clock import Clock
from kernel.errors import Invalid
from kernel.ids import new_id
from kernel.transport.addresses import AddressPolicy

OWN_APP: Final = "trunkline-try"
"""Who calls where nobody chose an app. It exists in trials alone, and may call what is tried."""

SUBPATH: Final = "*"
"""Among path values: what follows the path of a component that serves everything below its own."""

_SECONDS = 60
_TOKEN_SECONDS = 120


@dataclass(frozen=True, slots=True)
class TrialRequest:
    """What a caller would send. ``body`` is a JSON value; None sends none."""

    path: Mapping[str, str]
    query: Mapping[str, str | list[str]]
    headers: Mapping[str, str]
    body: Any = None
    method: str | None = None


@dataclass(frozen=True, slots=True)
class TrialAnswer:
    """Attributes:
    seconds: the whole call took.
    truncated: the answer is longer than is shown, or did not end.
    sent: what went to the upstream; None when nothing did.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    seconds: float
    truncated: bool
    sent: SentRequest | None


class TrialGateway:
    """Calls components of one system. Use it as an async context manager.

    Args:
        document: the system's shard, with what is to be tried.
        app: the shard of the app that calls; none is `OWN_APP`, which may call the whole system.
        most_bytes: of an answer; what follows is cut off.
    """

    def __init__(
        self,
        document: Mapping[str, Any],
        app: Mapping[str, Any] | None,
        open_secret: OpenSecret,
        allowed_origins: Iterable[str],
        issuer: str,
        clock: Clock,
        *,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._most_bytes = most_bytes
        usual: dict[str, Any] = {
            "kind": "app",
            "app_code": OWN_APP,
            "grants": [{"system": document["name"], "component": None}],
        }
        caller = app or usual
        self._app_code = str(caller["app_code"])
        pair = make_pair("ES256")
        self._signer = open_signer(secrets.token_hex(8), "ES256", pair.private)
        keys = {
            "kind": "keys",
            "issuer": issuer,
            "audience": issuer,
            "keys": [{"kid": self._signer.kid, "alg": self._signer.alg, "public_key": pair.public}],
        }
        try:
            shards = [compile_shard(each, open_secret) for each in (document, caller, keys)]
        except ShardError as error:
            raise Invalid(f"The components can't be served: {error}", code="unservable") from error
        self._system = next(shard for shard in shards if isinstance(shard, SystemShard))
        self._issuer = AccessTokenIssuer(issuer, clock, _TOKEN_SECONDS)
        self._client = NotingClient(AddressPolicy.allowing(allowed_origins))
        self._plane = DataPlane(
            SnapshotHolder(Snapshot().with_shards(1, shards)),
            self._client,
            public_url=issuer,
            clock=lambda: clock.now().timestamp(),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._plane.aclose()

    async def call(self, stage: str, component: ComponentDefinition, request: TrialRequest, user: str) -> TrialAnswer:
        """Calls a component on behalf of `user`, with a token that only this gateway accepts.

        Raises:
            Invalid: a value of the path is missing or can't stand in one.
        """
        request_id = new_id()
        self._client.watch(request_id)
        exchange = KeptExchange(
            *self._request(stage, component, request, user, request_id), most_bytes=self._most_bytes
        )
        started = time.perf_counter()
        self._plane.serve(exchange)
        with contextlib.suppress(TimeoutError):
            await exchange.wait(_SECONDS)
        seconds = time.perf_counter() - started
        sent = self._client.sent
        return TrialAnswer(
            status=exchange.status,
            headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in exchange.answer_headers),
            body=b"".join(exchange.body),
            seconds=seconds,
            truncated=exchange.truncated,
            sent=sent.without_proofs(self._system.stages[stage].settings.signing) if sent is not None else None,
        )

    async def follow(
        self, stage: str, component: ComponentDefinition, request: TrialRequest, user: str
    ) -> FollowedExchange:
        """As `call`, for an answer that takes its time: begun, and to be read by `answer_pieces`."""
        exchange = FollowedExchange(*self._request(stage, component, request, user, new_id()))
        self._plane.serve(exchange)
        try:
            await asyncio.wait_for(exchange.begun.wait(), _SECONDS)
        except TimeoutError:
            exchange.give_up()
        return exchange

    def _request(
        self, stage: str, component: ComponentDefinition, request: TrialRequest, user: str, request_id: str
    ) -> tuple[str, bytes, bytes, Headers, bytes]:
        token = self._issuer.issue(
            self._signer,
            app_code=self._app_code,
            scopes=[*component.scopes, f"{self._system.name}.{component.name}"],
            claims={"act": {"sub": user}},
        )
        return _request_parts(self._system.name, stage, component, request, token.value, request_id)


def _request_parts(
    system: str,
    stage: str,
    component: ComponentDefinition,
    request: TrialRequest,
    token: str,
    request_id: str,
) -> tuple[str, bytes, bytes, Headers, bytes]:
    """Method, path, query, headers and body."""
    method = request.method or ("POST" if component.method == "ANY" else component.method)
    path = f"/api/{system}/{stage}/{_path(component, request)}"
    query = urlencode(request.query, doseq=True).encode()
    own = {"authorization": f"Bearer {token}", "host": "trial", "x-request-id": request_id}
    body = b""
    if request.body is not None:
        body = _json_bytes(request.body)
        own |= {"content-type": "application/json", "content-length": str(len(body))}
    given = {name.lower(): value for name, value in request.headers.items()}
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in (given | own).items()]
    return method, path.encode("ascii"), query, headers, body


def _path(component: ComponentDefinition, request: TrialRequest) -> str:
    segments = [
        _value(request, segment[1:-1]) if is_parameter(segment) else segment for segment in segments_of(component.path)
    ]
    if component.match_subpath and SUBPATH in request.path:
        segments.append(quote(request.path[SUBPATH].strip("/"), safe="/"))
    return "/".join(segments) + ("/" if component.path.endswith("/") else "")


def _value(request: TrialRequest, name: str) -> str:
    value = request.path.get(name)
    if not value:
        raise Invalid.field(f"request.path.{name}", "is missing", "Send a value for each parameter of the path")
    return quote(value, safe="")


def _json_bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
