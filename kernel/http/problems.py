"""Renders every error of the management API as a problem document."""

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from kernel.errors import BadRequest, Conflict, Invalid, NotFound, TrunklineError, Unavailable
from kernel.http.request_id import request_id_of
from kernel.http.wordings import NOT_JSON, UNREADABLE
from kernel.problem import MEDIA_TYPE, problem_document
from kernel.shape_problems import shape_problem

_log = structlog.get_logger()


def install_problem_handlers(app: FastAPI) -> None:
    app.add_exception_handler(TrunklineError, _expected)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(OperationalError, _database_away)
    app.add_exception_handler(InterfaceError, _database_away)
    app.add_exception_handler(IntegrityError, _collided)
    app.add_exception_handler(Exception, _unexpected)


def render(request: Request, error: TrunklineError) -> JSONResponse:
    request_id = getattr(request.state, "request_id", None) or request_id_of(None)
    return JSONResponse(
        problem_document(error, request_id), status_code=error.status, headers=error.headers, media_type=MEDIA_TYPE
    )


async def _expected(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, TrunklineError):
        raise TypeError("registered for TrunklineError") from error
    return render(request, error)


async def _validation(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, RequestValidationError):
        raise TypeError("registered for RequestValidationError") from error
    problems = error.errors()
    if any(problem["type"] == "json_invalid" for problem in problems):
        return render(request, BadRequest("The body is not valid JSON", fields=[NOT_JSON.at("body")]))
    fields = [
        shape_problem(_path(problem["loc"]), problem["type"], problem["msg"], problem.get("ctx"))
        for problem in problems
    ]
    return render(request, Invalid.of(*fields))


def _path(location: tuple[int | str, ...]) -> str:
    inner = location[1:] if location and location[0] in {"body", "query", "path", "header"} else location
    return ".".join(str(part) for part in inner) or "body"


class _MethodNotAllowed(TrunklineError):
    status = 405
    code = "method_not_allowed"
    title = "The method is not offered here"


async def _http(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise TypeError("registered for HTTPException") from error
    if isinstance(error.__cause__, TrunklineError):
        # The framework wraps what reading the body raises.
        return render(request, error.__cause__)
    if error.status_code == NotFound.status:
        return render(request, NotFound(f"Nothing is served at {request.url.path}"))
    if error.status_code == _MethodNotAllowed.status:
        headers = dict(error.headers or {})
        return render(
            request, _MethodNotAllowed(f"{request.method} is not offered at {request.url.path}", headers=headers)
        )
    if error.status_code == Conflict.status:
        return render(request, Conflict(error.detail))
    return render(request, BadRequest(error.detail, fields=[UNREADABLE.at("body")]))


async def _database_away(request: Request, error: Exception) -> JSONResponse:
    """Locked, restarting or out of reach: nothing was changed, and the same call may be made again."""
    _log.warning("database_away", path=request.url.path, reason=str(error))
    return render(request, Unavailable("The database does not answer for the moment", headers={"Retry-After": "5"}))


async def _collided(request: Request, error: Exception) -> JSONResponse:
    """Two made the same at the same moment, each having seen that there was none. The log has it, since a place where
    that happens often should say itself what is wrong.
    """
    _log.error("collided", path=request.url.path, exc_info=error)
    return render(request, Conflict("Somebody changed the same at the same moment; nothing was changed, try again"))


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    _log.error("unexpected_error", path=request.url.path, exc_info=error)
    return render(request, TrunklineError("Something went wrong on our side; the request id finds it in the log"))
