"""What is answered instead, where a call can't be served: in the words clients of bk-plugin-framework know."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from trunkline_plugin.serving.answers import answer, failed, not_found
from trunkline_plugin.serving.callers import GatewayOnly, NotPermitted
from trunkline_plugin.serving.parameters import NotJson, ParametersInvalid, WrongType

_GATEWAY_ONLY = "This API can only be accessed through API gateway"


def _unknown(_request: Request, _error: Exception) -> Response:
    return not_found()


def _wrong_method(request: Request, _error: Exception) -> Response:
    return answer({"detail": f"方法 “{request.method}” 不被允许。"}, 405)


def _gateway_only(_request: Request, _error: Exception) -> Response:
    return PlainTextResponse(_GATEWAY_ONLY, 403, media_type="text/html")


def _not_permitted(_request: Request, _error: Exception) -> Response:
    return answer({"detail": "您没有执行该操作的权限。"}, 403)


def _wrong_type(_request: Request, error: Exception) -> Response:
    return answer({"detail": f"不支持请求中的媒体类型 “{error}”。"}, 415)


def _not_json(_request: Request, error: Exception) -> Response:
    return answer({"detail": str(error)}, 400)


def _parameters_invalid(_request: Request, error: Exception) -> Response:
    return failed(str(error), status=400)


REFUSALS: Mapping[Any, Callable[[Request, Exception], Response]] = {
    404: _unknown,
    405: _wrong_method,
    GatewayOnly: _gateway_only,
    NotPermitted: _not_permitted,
    WrongType: _wrong_type,
    NotJson: _not_json,
    ParametersInvalid: _parameters_invalid,
}
