"""How the registration API answers: the envelopes of BlueKing's second and first version of it."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from kernel.errors import Conflict, Invalid, NotAuthenticated, NotFound, PermissionDenied, TrunklineError
from kernel.http.strict_json import StrictJsonRoute

_BAD_REQUEST = 400
_WORDS = {
    NotAuthenticated.status: "UNAUTHENTICATED",
    PermissionDenied.status: "NO_PERMISSION",
    NotFound.status: "NOT_FOUND",
    Conflict.status: "CONFLICT",
}
_NUMBERS = {PermissionDenied.status: 40403, NotFound.status: 40404}


class SecondAnswer(JSONResponse):
    def render(self, content: Any) -> bytes:
        return super().render({"data": content})


class FirstAnswer(JSONResponse):
    def render(self, content: Any) -> bytes:
        return super().render({"result": True, "code": 0, "message": "OK", "data": content})


class _Route(StrictJsonRoute):
    def error(self, status: int, message: str) -> dict[str, Any]:
        raise NotImplementedError

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handle(request)
            except TrunklineError as error:
                # What BlueKing calls a wrong argument is a 400 there; its clients know no 422.
                status = _BAD_REQUEST if error.status == Invalid.status else error.status
                return JSONResponse(self.error(status, _message(error)), status_code=status, headers=error.headers)
            except RequestValidationError as error:
                return JSONResponse(self.error(_BAD_REQUEST, _problems(error)), status_code=_BAD_REQUEST)

        return answered


class SecondRoute(_Route):
    """`{"error": {"code", "message", "data"}}`"""

    def error(self, status: int, message: str) -> dict[str, Any]:
        word = _WORDS.get(status, "INVALID_ARGUMENT" if status < 500 else "INTERNAL")  # noqa: PLR2004 - ours
        return {"error": {"code": word, "message": message, "data": None}}


class FirstRoute(_Route):
    """`{"result", "code", "message", "data"}`"""

    def error(self, status: int, message: str) -> dict[str, Any]:
        return {"result": False, "code": _NUMBERS.get(status, status * 100), "message": message, "data": None}


def _message(error: TrunklineError) -> str:
    remedies = [field.remedy for field in error.fields if field.remedy]
    return f"{error.detail}. {remedies[0]}" if len(remedies) == 1 else error.detail


def _problems(error: RequestValidationError) -> str:
    problems = error.errors()[:5]
    return "; ".join(f"{'.'.join(str(part) for part in each['loc'][1:]) or 'body'}: {each['msg']}" for each in problems)
