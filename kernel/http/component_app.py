"""An embedded system as a web application: components by name, GET and POST, answers in the BlueKing shape.

A reading component gets a session that keeps nothing; a changing one a unit of work in which its idempotency key is
kept beside its effect; one that reaches outside (mail) keeps its own transactions.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

import structlog
from pydantic import BaseModel
from pydantic_core import to_json, to_jsonable_python
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from kernel.db.database import Database
from kernel.db.idempotency import (
    MAX_KEY,
    IdempotencyLedger,
    IdempotencyRecord,
    KeyedRequest,
    KeyReused,
    request_digest,
)
from kernel.envelope import ComponentError, failure, success
from kernel.errors import BadRequest, TrunklineError
from kernel.http.component_document import ComponentFacts, SystemFacts, Words, openapi_document
from kernel.http.component_params import ParametersRefused, parameters_of_body, parameters_of_query, validated
from kernel.http.event_streams import LAST_EVENT_ID, Events, event_stream
from kernel.http.signature_check import SignatureCheck
from kernel.http.signed_only import SignedCaller, SignedOnlyMiddleware, signed_caller

_log = structlog.get_logger()
_KEY_HEADER = "Idempotency-Key"
_DOCUMENT_PATH = "/openapi.json"

Params = TypeVar("Params", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class ErrorCodes:
    """The numbers a system answers with for what every component can meet.

    Attributes:
        refusals: expected errors that are answered as components refuse, each with its number.
    """

    parameters: int
    key_reused: int
    unknown_component: int
    internal: int
    refusals: tuple[tuple[type[TrunklineError], int], ...] = ()

    def of(self, error: TrunklineError) -> int | None:
        """The number of an error that is a refusal."""
        return next((code for kind, code in self.refusals if isinstance(error, kind)), None)


@dataclass(frozen=True, slots=True)
class Call(Generic[Params]):
    """One call of a component.

    Attributes:
        keyed: present when the caller sent an idempotency key.
        last_event_id: of a stream, where a reader who comes back was.
    """

    caller: SignedCaller
    params: Params
    keyed: KeyedRequest | None
    last_event_id: str = ""


Handler = Callable[[AsyncSession, SignedCaller, Params], Awaitable[Any]]
OwnHandler = Callable[[Call[Params]], Awaitable[dict[str, Any]]]
StreamHandler = Callable[[Call[Params]], Awaitable[Events | None]]
"""None for a reader who has seen everything."""


@dataclass(frozen=True, slots=True)
class _Component:
    facts: ComponentFacts
    answer: Callable[[Call[Any]], Awaitable[dict[str, Any] | Response]]


@dataclass(frozen=True, slots=True)
class EmbeddedSystem:
    """What the composition root mounts.

    Attributes:
        document: its OpenAPI document, made when it is first asked for: few processes need it.
        app: answers `/openapi.json` to everybody, everything else only when the gateway signed it.
        start: begins background work, if there is any; `stop` ends it.
    """

    name: str
    aliases: tuple[str, ...]
    title: Words
    document: Callable[[], dict[str, Any]]
    app: ASGIApp
    start: Callable[[], Awaitable[None]]
    stop: Callable[[], Awaitable[None]]


class ComponentApp:
    """Collects a system's components and builds its application.

    Args:
        ledger: where `change` keeps idempotency keys; none where every component is `read` or `own`.
        before_change: called in the unit of work of each `change` before its handler, unless its answer is known.
    """

    def __init__(
        self,
        system: SystemFacts,
        database: Database,
        ledger: IdempotencyLedger[Any] | None,
        codes: ErrorCodes,
        before_change: Callable[[AsyncSession], Awaitable[None]] | None = None,
    ) -> None:
        self._system = system
        self._database = database
        self._ledger: IdempotencyLedger[IdempotencyRecord] | None = ledger
        self._codes = codes
        self._before_change = before_change
        self._components: dict[str, _Component] = {}

    def read(
        self,
        name: str,
        params: type[Params],
        answer: Any,
        handler: Handler[Params],
        *,
        scope: str,
        summary: Words,
        description: Words,
        method: str = "POST",
        path: str = "",
    ) -> None:
        async def run(call: Call[Params]) -> dict[str, Any]:
            async with self._database.reading() as session:
                return success(to_jsonable_python(await handler(session, call.caller, call.params)))

        self._add(ComponentFacts(name, method, params, answer, scope, True, summary, description, path=path), run)

    def change(
        self,
        name: str,
        params: type[Params],
        answer: Any,
        handler: Handler[Params],
        *,
        scope: str,
        summary: Words,
        description: Words,
        path: str = "",
    ) -> None:
        ledger = self._ledger
        if ledger is None:
            raise ValueError(f"{name} needs a ledger of idempotency keys")

        async def run(call: Call[Params]) -> dict[str, Any]:
            async with self._database.unit_of_work() as session:
                earlier = None if call.keyed is None else await ledger.claim(session, call.keyed)
                if earlier is not None and earlier.answer is not None:
                    return earlier.answer
                if self._before_change is not None:
                    await self._before_change(session)
                kept = success(to_jsonable_python(await handler(session, call.caller, call.params)))
                if call.keyed is not None:
                    await ledger.keep(session, call.keyed, kept)
                return kept

        self._add(ComponentFacts(name, "POST", params, answer, scope, False, summary, description, path=path), run)

    def own(
        self,
        name: str,
        params: type[Params],
        answer: Any,
        handler: OwnHandler[Params],
        *,
        scope: str,
        summary: Words,
        description: Words,
        method: str = "POST",
        is_read: bool = False,
        path: str = "",
    ) -> None:
        """A component that keeps its own transactions, and its idempotency key when it changes anything."""
        self._add(
            ComponentFacts(name, method, params, answer, scope, is_read, summary, description, path=path), handler
        )

    def stream(
        self,
        name: str,
        params: type[Params],
        event: Any,
        handler: StreamHandler[Params],
        *,
        scope: str,
        summary: Words,
        description: Words,
    ) -> None:
        """A reading component that answers server-sent events, each with an `event` as its data."""

        async def run(call: Call[Params]) -> Response:
            events = await handler(call)
            return Response(status_code=204) if events is None else event_stream(events)

        facts = ComponentFacts(name, "GET", params, event, scope, True, summary, description, streams=True)
        self._add(facts, run)

    def build(
        self,
        check: SignatureCheck,
        *,
        max_body_bytes: int,
        start: Callable[[], Awaitable[None]] | None = None,
        stop: Callable[[], Awaitable[None]] | None = None,
    ) -> EmbeddedSystem:
        @cache
        def document() -> dict[str, Any]:
            return openapi_document(self._system, (component.facts for component in self._components.values()))

        async def serve_document(_request: Request) -> Response:
            # To make it takes tenths of a second, in which others are to be served.
            content = await asyncio.to_thread(lambda: to_json(document()))
            return Response(content, media_type="application/json")

        inner = Starlette(
            routes=[
                Route(_DOCUMENT_PATH, serve_document, methods=["GET"]),
                *(route for component in self._components.values() for route in self._routes(component)),
                Route("/{name}", self._unknown, methods=["GET", "POST"]),
                Route("/{name}/", self._unknown, methods=["GET", "POST"]),
            ],
            exception_handlers={
                404: self._not_found,
                405: self._not_offered,
                OperationalError: self._database_away,
                Exception: self._crashed,
            },
        )
        app = SignedOnlyMiddleware(inner, check, max_body_bytes=max_body_bytes, open_paths=frozenset({_DOCUMENT_PATH}))
        return EmbeddedSystem(
            self._system.name,
            self._system.aliases,
            self._system.title,
            document,
            app,
            start or _nothing,
            stop or _nothing,
        )

    def _add(self, facts: ComponentFacts, answer: Callable[[Call[Any]], Awaitable[dict[str, Any] | Response]]) -> None:
        if facts.name in self._components:
            raise ValueError(f"{self._system.name} already has a component {facts.name}")
        self._components[facts.name] = _Component(facts, answer)

    def _routes(self, component: _Component) -> list[Route]:
        async def serve(request: Request) -> Response:
            return await self._serve(request, component)

        address = component.facts.address
        return [Route(path, serve, methods=["GET", "POST"]) for path in (address, f"{address}/")]

    async def _unknown(self, request: Request) -> Response:
        name: str = request.path_params["name"]
        return _answer(failure(self._codes.unknown_component, f"{self._system.name} has no component {name}"), 404)

    async def _serve(self, request: Request, component: _Component) -> Response:
        try:
            answer = await component.answer(await self._call(request, component.facts))
            return answer if isinstance(answer, Response) else _answer(answer, 200)
        except ComponentError as error:
            return _answer(failure(error.code, error.message, error.data), error.status)
        except ParametersRefused as error:
            return _answer(failure(self._codes.parameters, str(error)), 200)
        except KeyReused:
            text = f"{_KEY_HEADER} was first sent with another request; send a new key with a new request"
            return _answer(failure(self._codes.key_reused, text), 409)
        except TrunklineError as error:
            code = self._codes.of(error)
            if code is not None:
                return _answer(failure(code, error.detail), 200)
            return _answer(failure(self._codes.parameters, error.detail), error.status)

    async def _call(self, request: Request, facts: ComponentFacts) -> Call[Any]:
        if request.method == "GET":
            parameters = parameters_of_query(request.url.query, facts.params)
        else:
            content_type = request.headers.get("Content-Type", "")
            parameters = parameters_of_body(await request.body(), content_type, facts.params)
        parameters |= request.path_params
        caller = signed_caller(request.scope)
        params = validated(facts.params, parameters)
        key = request.headers.get(_KEY_HEADER)
        if key is None or facts.is_read:
            return Call(caller, params, None, request.headers.get(LAST_EVENT_ID, ""))
        if not 0 < len(key) <= MAX_KEY or not key.isprintable():
            raise BadRequest(f"{_KEY_HEADER} must be 1 to {MAX_KEY} printable characters")
        return Call(caller, params, KeyedRequest(caller.app, key, facts.name, request_digest(facts.name, parameters)))

    async def _not_found(self, request: Request, _error: Exception) -> Response:
        text = f"{self._system.name} serves nothing at {request.url.path}"
        return _answer(failure(self._codes.unknown_component, text), 404)

    async def _not_offered(self, request: Request, _error: Exception) -> Response:
        text = f"{request.method} is not offered; call components with GET or POST"
        return _answer(failure(self._codes.parameters, text), 405, {"Allow": "GET, POST"})

    async def _database_away(self, request: Request, error: Exception) -> Response:
        """Nothing was changed, and whoever called may do so again."""
        _log.warning("database_away", system=self._system.name, path=request.url.path, reason=str(error))
        text = f"{self._system.name} can't reach its database for the moment"
        return _answer(failure(self._codes.internal, text), 503, {"Retry-After": "1"})

    async def _crashed(self, request: Request, error: Exception) -> Response:
        _log.error("component_crashed", system=self._system.name, path=request.url.path, exc_info=error)
        return _answer(failure(self._codes.internal, "Something went wrong inside the system; its log has it"), 500)


def _answer(body: dict[str, Any], status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(to_json(body), status_code=status, media_type="application/json", headers=headers)


async def _nothing() -> None:
    return None
