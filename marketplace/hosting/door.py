"""Where the gateway's calls of hosted plugins come in: checked, handed to the plugin's process, answered."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from kernel.clock import Clock
from kernel.contracts.system_keys import SystemKeys
from kernel.db.database import Database
from kernel.errors import NotFound, TrunklineError
from kernel.forms.secrets import secret_fields
from kernel.http.nonces import DatabaseNonces
from kernel.http.signature_check import SignatureCheck
from kernel.http.signed_only import SignedCaller, SignedOnlyMiddleware, signed_caller
from kernel.problem import MEDIA_TYPE, problem_document
from kernel.transport.errors import (
    ConnectError,
    InvalidRequest,
    ProtocolViolation,
    ReadTimeout,
    TotalTimeout,
    TransportError,
)
from marketplace.hosting.bounded import AnswerTooLarge, BoundedAnswer, Peer, ask
from marketplace.hosting.errors import PluginAway, PluginFailed, PluginNotInstalled
from marketplace.hosting.hosted import Hosted
from marketplace.hosting.supervisor import Supervisor
from marketplace.installs.installed_versions import InstalledVersion, InstalledVersions
from marketplace.package.manifest import CANCEL, DISPATCH, HOSTED_SYSTEM, INVOKE, LOGS, SCHEDULE, PluginKind

_CALLBACK: Final = "callback"
_PLACES: Final = frozenset({INVOKE, SCHEDULE, CANCEL, LOGS, DISPATCH, _CALLBACK})
_MOST_ANSWER: Final = 8 * 1024 * 1024
_PASSED_ON: Final = ("accept", "accept-language", "content-type", "idempotency-key")
_PREFIXES: Final = ("bk-plugin-", "bkplugin-scope-")
_log = structlog.get_logger()


class HostedDoor:
    """A project that has installed the plugin may call it; callbacks may come from whoever has their address."""

    def __init__(self, supervisor: Supervisor, installed: InstalledVersions) -> None:
        self._supervisor = supervisor
        self._installed = installed

    def app(self, database: Database, keys: SystemKeys, clock: Clock, max_body_bytes: int) -> ASGIApp:
        """To be mounted where the system's upstream is."""
        check = SignatureCheck(HOSTED_SYSTEM, keys, DatabaseNonces(database, clock), clock)
        return SignedOnlyMiddleware(self.signed(), check, max_body_bytes=max_body_bytes, anonymous=True)

    def signed(self) -> Starlette:
        """For calls whose signature was looked at."""
        place = "/{plugin}/{release}/bk_plugin/{rest:path}"
        return Starlette(routes=[Route(place, self._serve, methods=["GET", "POST"])])

    async def _serve(self, request: Request) -> Response:
        caller = signed_caller(request.scope)
        try:
            return await self._answered(request, caller)
        except TrunklineError as error:
            document = problem_document(error, caller.request_id)
            return JSONResponse(document, error.status, media_type=MEDIA_TYPE)

    async def _answered(self, request: Request, caller: SignedCaller) -> Response:
        plugin, release, rest = (request.path_params[name] for name in ("plugin", "release", "rest"))
        place = rest.partition("/")[0]
        if place not in _PLACES:
            raise NotFound(f"A plugin has nothing to call at {rest[:100]}")
        installed = None if place == _CALLBACK else await self._of_project(caller, plugin, release)
        hosted = await self._supervisor.know(plugin, release, takes_up=installed is not None)
        body = await request.body()
        target = f"/bk_plugin/{quote(rest)}"
        if request.url.query:
            target += f"?{request.url.query}"
        async with hosted.turns.turn(party_of(caller, place)):
            peer = await self._supervisor.reach(plugin, release)
            if installed is not None and place == INVOKE:
                await _hide(hosted, list(_secrets(installed, body)))
            answer = await self._asked(hosted, peer, request.method, target, body, dict(_headers(request, caller)))
        content = await _masked(hosted, answer.content) if place == LOGS else answer.content
        return Response(content, answer.status, media_type=answer.headers.get("content-type"))

    async def _asked(
        self,
        hosted: Hosted,
        peer: Peer,
        method: str,
        target: str,
        body: bytes,
        headers: Mapping[str, str],
    ) -> BoundedAnswer:
        name = _name(hosted)
        try:
            return await ask(peer, method, target, most=_MOST_ANSWER, content=body, headers=headers)
        except ConnectError as error:
            raise PluginAway(f"{name} has just ended; it is started again") from error
        except (ReadTimeout, TotalTimeout) as error:
            raise PluginFailed(f"{name} gave no answer in time") from error
        except (AnswerTooLarge, InvalidRequest, ProtocolViolation) as error:
            raise PluginFailed(f"{name} can't be understood: {error}") from error
        except TransportError as error:
            if hosted.is_ending:
                raise PluginAway(f"{name} was being ended; it is started again") from error
            _log.warning("hosted_plugin_broke_off", plugin=hosted.folder.plugin, version=hosted.folder.version)
            raise PluginFailed(f"{name} broke off: its process ended while it was asked") from error

    async def _of_project(self, caller: SignedCaller, plugin: str, release: str) -> InstalledVersion:
        found = await self._installed.find(caller.project, plugin, release) if caller.project else None
        if found is None or found.manifest.kind is not PluginKind.PYTHON:
            raise PluginNotInstalled(f"{plugin} {release} is not installed in the project of {caller.app}")
        return found


def _headers(request: Request, caller: SignedCaller) -> Iterator[tuple[str, str]]:
    for name, value in request.headers.items():
        if name in _PASSED_ON or name.startswith(_PREFIXES):
            yield name, value
    yield "x-request-id", caller.request_id
    for name, value in (("app", caller.app), ("user", caller.user), ("project", caller.project), ("task", caller.task)):
        yield f"x-trunkline-{name}", quote(value)


def party_of(caller: SignedCaller, place: str) -> str:
    """Who takes turns: the project with all its nodes, and each person who fills in a form of his own."""
    return f"{caller.project} {caller.user}" if place == DISPATCH else caller.project


async def _hide(hosted: Hosted, secrets: Sequence[str]) -> None:
    try:
        await hosted.hide(secrets)
    except OSError as error:
        raise PluginAway(f"{_name(hosted)} has just ended; it is started again") from error


async def _masked(hosted: Hosted, content: bytes) -> bytes:
    """The lines of a run without secrets; nothing where it isn't the protocol's answer."""
    try:
        found = json.loads(content)
        lines = str(found["data"]["log"]).splitlines()
    except (ValueError, KeyError, TypeError, RecursionError):
        return b"{}"
    try:
        found["data"] = {"log": await hosted.masked("\n".join(lines))}
    except OSError as error:
        raise PluginAway(f"{_name(hosted)} has just ended; it is started again") from error
    return json.dumps(found, ensure_ascii=False).encode()


def _name(hosted: Hosted) -> str:
    return f"{hosted.folder.plugin} {hosted.folder.version}"


def _secrets(installed: InstalledVersion, body: bytes) -> Iterator[str]:
    """What the invocation hands over in inputs that hold secrets."""
    names = secret_fields(installed.manifest.inputs)
    inputs: Any = None
    if names:
        try:
            inputs = json.loads(body).get("inputs")
        except (ValueError, AttributeError, RecursionError):
            return
    if isinstance(inputs, Mapping):
        for name in names:
            value = inputs.get(name)
            if isinstance(value, str):
                yield value
