"""The base of a plugin's views, and their answers."""

import json
from collections.abc import Callable
from typing import Any

from trunkline_plugin.data_api.request import Request
from trunkline_plugin.settings import current

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options")


class Response:
    """A view's answer: JSON data and a status."""

    def __init__(self, data: Any = None, status: int = 200, headers: dict[str, str] | None = None, **_: Any) -> None:
        self.data = data
        self.status_code = status
        self.headers = headers or {}


class PluginAPIView:
    """A view with a method for each HTTP method it takes, which may be `async`.

    It is reached through the gateway only, directly or by `plugin_api_dispatch`.
    """

    request: Request

    @classmethod
    def as_view(cls, **attributes: Any) -> Callable[..., Any]:
        def view(request: Request, *args: Any, **kwargs: Any) -> Any:
            found = cls()
            vars(found).update(attributes)
            found.request = request
            return found.dispatch(request, *args, **kwargs)

        return view

    def dispatch(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        method = request.method.lower()
        handler = getattr(self, method, None) if method in _METHODS else None
        if handler is None:
            return Response({"detail": f"方法 “{request.method}” 不被允许。"}, status=405)
        return handler(request, *args, **kwargs)

    @staticmethod
    def get_bkapi_authorization_info(request: Request) -> str:
        """`X-Bkapi-Authorization` for calls that the view makes itself, on behalf of the user."""
        settings = current()
        return json.dumps(
            {
                "bk_app_code": settings.app_code,
                "bk_app_secret": settings.app_secret,
                settings.user_token_name: request.token,
            }
        )
