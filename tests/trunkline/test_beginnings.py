"""A router is asked only for paths that begin as one of its own, and finds whatever it would have found."""

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.testclient import TestClient
from starlette.routing import Match
from starlette.types import Scope

from trunkline.beginnings import BeginningRouter


def _flows() -> APIRouter:
    router = APIRouter()
    router.add_api_route("/flows/{flow}/tasks", lambda flow: f"tasks of {flow}", methods=["GET"])
    router.add_api_route("/tasks:status", lambda: "states", methods=["POST"])
    return router


def _anything() -> APIRouter:
    router = APIRouter()
    router.add_api_route("/{kind}-list", lambda kind: f"list of {kind}", methods=["GET"])
    return router


def _nested() -> APIRouter:
    router = APIRouter()
    router.include_router(_flows(), prefix="/old")
    return router


def _client(*routers: APIRouter, root_path: str = "") -> TestClient:
    app = FastAPI()
    for router in routers:
        app.include_router(BeginningRouter(router, "/v1"))
    return TestClient(app, root_path=root_path)


@pytest.mark.parametrize(
    ("method", "path", "answer"),
    [
        ("GET", "/v1/flows/a/tasks", "tasks of a"),
        ("GET", "/v1/flows/a:b/tasks", "tasks of a:b"),
        ("POST", "/v1/tasks:status", "states"),
        ("GET", "/v1/host-list", "list of host"),
        ("GET", "/v1/old/flows/a/tasks", "tasks of a"),
    ],
)
def test_every_route_is_found(method: str, path: str, answer: str) -> None:
    assert _client(_flows(), _nested(), _anything()).request(method, path).json() == answer


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/tasks:status", 405),
        ("GET", "/v1/flow/a/tasks", 404),
        ("GET", "/flows/a/tasks", 404),
        ("GET", "/v1", 404),
    ],
)
def test_what_is_no_route_is_refused_as_ever(method: str, path: str, status: int) -> None:
    assert _client(_flows(), _anything()).request(method, path).status_code == status


def test_a_root_path_is_left_aside() -> None:
    client = _client(_flows(), root_path="/console")
    assert client.get("/console/v1/flows/a/tasks").json() == "tasks of a"


def test_routes_of_another_beginning_are_not_gone_through() -> None:
    asked: list[str] = []

    class Watched(APIRouter):
        def matches(self, scope: Scope) -> tuple[Match, Scope]:
            asked.append(scope["path"])
            return super().matches(scope)

    watched = Watched()
    watched.add_api_route("/systems", lambda: "systems", methods=["GET"])
    client = _client(watched, _flows())
    client.get("/v1/flows/a/tasks")
    assert asked == []
    assert client.get("/v1/systems").json() == "systems"
    assert asked
