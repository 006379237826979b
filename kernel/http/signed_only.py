"""Lets through only what the gateway signed, and tells the system on whose behalf it called."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import unquote

import structlog
from sqlalchemy.exc import OperationalError
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kernel.errors import NotAuthenticated, PayloadTooLarge, TrunklineError, Unavailable
from kernel.http.request_id import HEADER, request_id_of
from kernel.http.signature_check import SignatureCheck
from kernel.principal import Principal, PrincipalKind
from kernel.problem import MEDIA_TYPE, problem_document
from kernel.signing.errors import SignatureInvalid

_STATE = "signed_caller"
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SignedCaller:
    """Who calls through the gateway, as the gateway's signature vouches for.

    Attributes:
        app: empty where a system takes calls of nobody.
        user: the person on whose behalf, if any. project, task: those of the calling task, if any.
    """

    app: str
    user: str
    project: str
    task: str
    request_id: str

    @property
    def principal(self) -> Principal:
        """The caller as audit records name it."""
        return Principal(
            kind=PrincipalKind.APP,
            id=self.app,
            on_behalf_of=self.user or None,
            project_id=self.project or None,
            task_id=self.task or None,
            request_id=self.request_id,
        )


class UnsignedCall(NotAuthenticated):
    code = "gateway_signature_required"
    title = "Only calls that the gateway signed are answered"


class SignedOnlyMiddleware:
    """Bare ASGI: reads the body up to a bound, checks the signature over it, then hands both on.

    Args:
        open_paths: paths below the mount that anybody may read.
        anonymous: calls that name no app are let through too; what they may is up to the system.
    """

    def __init__(
        self,
        app: ASGIApp,
        check: SignatureCheck,
        *,
        max_body_bytes: int,
        open_paths: frozenset[str] = frozenset(),
        anonymous: bool = False,
    ) -> None:
        self._app = app
        self._check = check
        self._max_body_bytes = max_body_bytes
        self._open_paths = open_paths
        self._anonymous = anonymous

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._is_open(scope):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = request_id_of(headers.get(HEADER))
        try:
            body = await self._read(receive)
            await self._check.require(scope, body)
            caller = _caller(headers, request_id, anonymous=self._anonymous)
        except ClientDisconnect:
            return
        except SignatureInvalid as error:
            _log.warning("unsigned_call_refused", path=scope["path"], reason=str(error), request_id=request_id)
            await _refuse(
                UnsignedCall(f"Call this system through the gateway: {error}"), request_id, scope, receive, send
            )
            return
        except PayloadTooLarge as error:
            await _refuse(error, request_id, scope, receive, send)
            return
        except OperationalError as error:
            _log.warning("database_away", path=scope["path"], reason=str(error))
            away = Unavailable("The database does not answer for the moment", headers={"Retry-After": "1"})
            await _refuse(away, request_id, scope, receive, send)
            return
        scope.setdefault("state", {})[_STATE] = caller
        await self._app(scope, _replay(body, receive), send)

    def _is_open(self, scope: Scope) -> bool:
        path: str = scope["path"]
        return scope["method"] in {"GET", "HEAD"} and path.removeprefix(scope.get("root_path", "")) in self._open_paths

    async def _read(self, receive: Receive) -> bytes:
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            chunk: bytes = message.get("body", b"")
            size += len(chunk)
            if size > self._max_body_bytes:
                raise PayloadTooLarge(f"The body is larger than {self._max_body_bytes} bytes; send less")
            chunks.append(chunk)
            if not message.get("more_body", False):
                return b"".join(chunks)


def signed_caller(scope: Mapping[str, Any]) -> SignedCaller:
    """The caller of a request that passed the middleware."""
    return cast("SignedCaller", scope["state"][_STATE])


def _caller(headers: Headers, request_id: str, *, anonymous: bool) -> SignedCaller:
    app, user, project, task = (
        # The gateway percent-encodes, as UTF-8, whatever is no plain header text.
        unquote(headers.get(f"X-Trunkline-{name}", ""))
        for name in ("App", "User", "Project", "Task")
    )
    if not app and not anonymous:
        raise SignatureInvalid("the signed call names no app")
    return SignedCaller(app, user, project, task, request_id)


def _replay(body: bytes, receive: Receive) -> Receive:
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


async def _refuse(error: TrunklineError, request_id: str, scope: Scope, receive: Receive, send: Send) -> None:
    answer = JSONResponse(
        problem_document(error, request_id), status_code=error.status, headers=error.headers, media_type=MEDIA_TYPE
    )
    await answer(scope, receive, send)
