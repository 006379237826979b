"""The plugin's data APIs: called directly, or by a flow engine on behalf of a form."""

import inspect
import logging
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request as HttpRequest
from starlette.responses import Response as HttpResponse

from trunkline_plugin.data_api.errors import BadRequest, NoView
from trunkline_plugin.data_api.request import App, Request, User
from trunkline_plugin.data_api.routes import find_view
from trunkline_plugin.project import Project
from trunkline_plugin.serving.answers import answer, failed, not_found
from trunkline_plugin.serving.callers import Callers
from trunkline_plugin.serving.endpoints import new_trace_id
from trunkline_plugin.serving.engine import Engine
from trunkline_plugin.serving.gateway_token import Caller
from trunkline_plugin.serving.logs import logged_for
from trunkline_plugin.serving.parameters import (
    DATA_APIS,
    Dispatch,
    ParametersInvalid,
    read_dispatch,
    read_typed_json,
)

logger = logging.getLogger("bk_plugin")


class Views:
    """Runs views beside the event loop, so that a slow one holds nobody else."""

    def __init__(self, project: Project, engine: Engine, callers: Callers) -> None:
        self._project = project
        self._engine = engine
        self._callers = callers

    async def direct(self, request: HttpRequest) -> HttpResponse:
        """Any method below `plugin_api/`, `openapi/` and `private/`; the answer is the view's own."""
        caller = await self._callers.of(request)
        asked = Request(
            method=request.method,
            path=request.url.path,
            query_string=request.url.query,
            headers=dict(request.headers),
            body=await request.body(),
            content_type=request.headers.get("content-type", ""),
            user=User(caller.username, is_authenticated=bool(caller.username)),
            app=App(caller.app_code, verified=bool(caller.app_code)),
            token=self._user_token(request, caller),
            trace_id=new_trace_id(),
            COOKIES=request.cookies,
        )
        try:
            found = await self._view(request.path_params["room"], request.path_params["path"], asked)
        except NoView:
            return not_found()
        except BadRequest as problem:
            return answer({"detail": str(problem)}, 400)
        except Exception:
            logger.exception("a view of the plugin's broke")
            return answer({"detail": "服务器出现了错误。"}, 500)
        return _own_answer(found)

    async def dispatch(self, request: HttpRequest) -> HttpResponse:
        """`plugin_api_dispatch`: a view's data in the protocol's envelope."""
        caller = await self._callers.in_scope(request)
        trace_id = new_trace_id()
        try:
            given, files = await _parameters(request)
            asked = read_dispatch(given)
        except ParametersInvalid as problem:
            return failed(str(problem), trace_id, 400)
        return await self._dispatched(asked, self._inner(request, caller, asked, files, trace_id))

    async def _dispatched(self, asked: Dispatch, inner: Request) -> HttpResponse:
        try:
            found = await self._view("plugin_api", urlsplit(asked.url).path.removeprefix(DATA_APIS), inner)
        except NoView:
            return failed(f"404 error: {asked.url}", inner.trace_id, 404)
        except Exception as error:
            logger.exception("a view of the plugin's broke")
            return failed(f"unknow error, please contact plugin developers: {error}", inner.trace_id, 500)
        data = getattr(found, "data", None)
        return answer({"result": True, "data": data, "message": "success", "trace_id": inner.trace_id})

    async def _view(self, room: str, path: str, asked: Request) -> Any:
        view, args, kwargs = find_view(self._project.apis.get(room, ()), path)
        with logged_for(asked.trace_id):
            found = await self._engine.in_thread(lambda: view(asked, *args, **kwargs))
            return await found if inspect.isawaitable(found) else found

    def _inner(
        self, request: HttpRequest, caller: Caller, asked: Dispatch, files: dict[str, Any], trace_id: str
    ) -> Request:
        handed_on = {name: value for name, value in request.headers.items() if name.startswith("bk-plugin-")}
        parts = urlsplit(asked.url)
        reads = asked.method == "GET"
        return Request(
            method=asked.method,
            path=parts.path,
            query_string=urlencode(asked.data, doseq=True) if reads and asked.data else parts.query,
            headers={**handed_on, "x-bkapi-jwt": caller.token},
            content_type=request.headers.get("content-type", ""),
            user=User(asked.username),
            app=App(caller.app_code, verified=bool(caller.app_code)),
            token=self._user_token(request, caller),
            trace_id=trace_id,
            FILES=files,
            form={} if reads else asked.data,
        )

    def _user_token(self, request: HttpRequest, caller: Caller) -> str:
        settings = self._project.settings
        return request.cookies.get(settings.user_token_name, "") if settings.is_development else caller.token


def _is_form(kind: str) -> bool:
    """Files come so."""
    return kind.startswith(("multipart/form-data", "application/x-www-form-urlencoded"))


async def _parameters(request: HttpRequest) -> tuple[Any, dict[str, Any]]:
    kind = request.headers.get("content-type", "")
    if not _is_form(kind):
        return read_typed_json(kind, await request.body()), {}
    form: FormData = await request.form()
    files = {name: value for name, value in form.items() if not isinstance(value, str)}
    return {name: value for name, value in form.items() if isinstance(value, str)}, files


def _own_answer(found: Any) -> HttpResponse:
    if isinstance(found, HttpResponse):
        return found
    if hasattr(found, "data"):
        return answer(found.data, found.status_code, dict(getattr(found, "headers", {})))
    content = getattr(found, "content", None)
    if content is not None:
        return HttpResponse(content, found.status_code, media_type=found.headers.get("Content-Type"))
    return answer(found)
