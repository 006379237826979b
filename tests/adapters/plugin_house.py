"""The shipped plugins beside the embedded systems: registered from their documents, called as the gateway calls."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import jsonschema
import pytest

from adapters.cmdb.service.app import build_app as build_cmdb
from adapters.cmdb.service.hosts import InventoryHosts
from adapters.job.service.app import build_app as build_job
from adapters.notify.service.app import build_notify
from adapters.tools.service.app import build_app as build_tools
from gateway.coded.component import CodedCall
from gateway.coded.host import CodedHost
from gateway.coded.invoking import GatewayRoutes
from gateway.coded.shipped import SHIPPED
from gateway.identity.business.directory import BoundBusinesses
from gateway.registry.component_definition import ComponentDefinition
from gateway.registry.importers.openapi import import_openapi
from kernel.clock import SystemClock
from kernel.contracts.components import ComponentDescription
from kernel.contracts.plugin_invoker import PluginCall, PluginResult, PluginState
from kernel.contracts.task_tokens import TaskToken
from kernel.envelope import ComponentError, failure, success
from kernel.http.component_app import EmbeddedSystem
from kernel.http.signed_only import SignedCaller
from kernel.services import KernelServices
from kernel.settings import Settings
from marketplace.authoring.folder import open_package
from marketplace.invoke.answers import Answer
from marketplace.invoke.components import CallableComponent
from marketplace.invoke.invoker import GatewayPluginInvoker
from marketplace.invoke.named_groups import GroupPeople
from marketplace.package.manifest import Manifest
from marketplace.package.package import Package
from tests.adapters.gateway import Gateway, OneKey
from tests.adapters.notify.conftest import MailServer, Webhook, mail_server, webhook
from tests.support.echo import Echo
from tests.support.marketplace import KeptGroups, KeptSecrets

__all__ = ["mail_server", "webhook"]

FOLDERS = sorted((Path(__file__).parents[2] / "adapters").glob("*/plugins/*"))
CALLBACK = "http://127.0.0.1:1/v1/callbacks/t0ken"


@dataclass(frozen=True, slots=True)
class Installed:
    digest: str
    manifest: Manifest
    scopes: frozenset[str]
    refusal: str | None = None


class EverythingInstalled:
    def __init__(self) -> None:
        self.packages: dict[str, Package] = {folder.name: open_package(folder) for folder in FOLDERS}

    async def find(self, _project_id: str, plugin: str, _version: str) -> Installed:
        package = self.packages[plugin]
        return Installed(package.digest, package.manifest, package.manifest.scope_names())


class Tokens:
    async def token(self, _call: PluginCall, scopes: frozenset[str]) -> TaskToken:
        return TaskToken("t", scopes, 2.0**33)

    def drop(self, _token: TaskToken) -> None:
        raise AssertionError("no token is ever refused here")


_read: dict[str, tuple[ComponentDefinition, ...]] = {}


def _components_of(system: EmbeddedSystem) -> tuple[ComponentDefinition, ...]:
    """Of a document that code alone decides about: it is read once for all tests."""
    if system.name not in _read:
        imported = import_openapi(system.document(), system.name)
        assert imported.problems == ()
        _read[system.name] = tuple(imported.components)
    return _read[system.name]


class Road:
    """The way from plugins to the systems; holds every body to the schema the component was registered with.

    `coded` are systems of coded components, which call the others as the gateway does.
    """

    def __init__(self, gateways: dict[str, Gateway], coded: tuple[EmbeddedSystem, ...]) -> None:
        self._gateways = gateways
        self._coded = {f"{each.system}.{each.name}": each for each in SHIPPED}
        systems = (*(gateway.system for gateway in gateways.values()), *coded)
        self._components = {
            f"{system.name}.{component.name}": component for system in systems for component in _components_of(system)
        }

    async def find(self, label: str) -> CallableComponent:
        found = self._components[label]
        description = ComponentDescription(
            label.split(".", maxsplit=1)[0], found.name, found.method, found.path, found.scopes, found.is_read
        )
        return CallableComponent(label, description, (found.path,))

    async def call(self, component: CallableComponent, target: str, body: Any, _token: str, key: str) -> Answer:
        schema = self._components[component.label].body_schema
        if schema is not None:
            jsonschema.validate(body, schema, cls=jsonschema.Draft202012Validator)
        if component.label in self._coded:
            return Answer(component.label, 200, await self._run_coded(component.label, body), "r" * 32)
        gateway = self._gateways[component.description.system]
        path = target.removeprefix(f"/api/{component.description.system}/prod")
        content = b"" if body is None else json.dumps(body).encode()
        request = gateway.signed(component.description.method, path, content, key=key or None)
        answer = await gateway.send(request)
        return Answer(component.label, answer.status_code, answer.json(), "r" * 32)

    async def _run_coded(self, label: str, body: Any) -> dict[str, Any]:
        async def invoke(target: str, inputs: Mapping[str, Any] | None = None) -> Any:
            system, _, name = target.partition(".")
            answer = await self._gateways[system].call(name, dict(inputs or {}))
            if answer["result"] is False:
                raise ComponentError(answer["code"], f"{system}: {answer['message']}")
            return answer["data"]

        async def business() -> int | None:
            return None

        component = self._coded[label]
        caller = SignedCaller("demo-app", "ada", "p1", "", "r" * 32)
        given = component.inputs.model_validate(body)
        call: CodedCall[Any] = CodedCall(caller, given, None, cast("Any", None), invoke, business)
        try:
            return success(await component.handle(call))
        except ComponentError as refused:
            return failure(refused.code, refused.message)


@dataclass(frozen=True, slots=True)
class House:
    invoker: GatewayPluginInvoker
    cmdb: Gateway
    job: Gateway
    notify: Gateway
    tools: Gateway

    async def run(self, plugin: str, *, node_run: str = "run", **inputs: Any) -> PluginResult:
        """Executes and polls until it ends."""
        call = plugin_call(plugin, inputs, node_run=node_run)
        result = await self.invoker.execute(call)
        for _ in range(200):
            if result.state not in {PluginState.POLL, PluginState.CALLBACK}:
                return result
            await asyncio.sleep(0.1)
            call = plugin_call(plugin, inputs, result, node_run)
            result = await self.invoker.poll(call)
        raise AssertionError("it never ended")


def plugin_call(
    plugin: str, inputs: dict[str, Any], before: PluginResult | None = None, node_run: str = "run"
) -> PluginCall:
    return PluginCall(
        node_run_id=node_run,
        task_id="task",
        project_id="p1",
        plugin=plugin,
        version="1.0.0",
        inputs=inputs,
        context={},
        scopes=frozenset(
            {
                "cmdb:read",
                "cmdb:write",
                "hosts:read",
                "job:read",
                "job:execute",
                "notify:read",
                "notify:send",
                "tools:request",
                "tools:display",
            }
        ),
        on_behalf_of="ada",
        callback_url=CALLBACK,
        storage=before.storage if before else {},
    )


@pytest.fixture
def clock() -> SystemClock:
    return SystemClock()


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    """What HTTP requests may be sent to."""
    async with Echo().serving() as serving:
        yield serving


@pytest.fixture
async def house(
    kernel: KernelServices, settings: Settings, mail_server: MailServer, webhook: Webhook, echo: Echo
) -> AsyncIterator[House]:
    origins = ("http://127.0.0.1:1", f"http://{webhook.origin}")
    aimed = settings.model_copy(
        update={
            "smtp_port": mail_server.port,
            "allowed_upstream_origins": origins,
            "job_local_hosts": ("own",),
            "http_request_origins": (echo.url,),
        }
    )
    services = KernelServices(aimed, kernel.database, kernel.secrets, kernel.clock)
    systems = (
        build_cmdb(services, OneKey()),
        build_job(services, OneKey(), InventoryHosts()),
        build_notify(services, OneKey()).embedded,
        build_tools(services, OneKey()),
    )
    gateways = {system.name: Gateway(system, kernel.clock) for system in systems}
    for system in systems:
        await system.start()
    routes = cast("GatewayRoutes", None)
    coded = CodedHost(services, OneKey(), routes, BoundBusinesses(), SHIPPED).systems
    road = Road(gateways, coded)
    invoker = GatewayPluginInvoker(
        EverythingInstalled(),
        road,
        Tokens(),
        KeptSecrets({("p1", "ticket-token"): "Bearer hidden"}),
        GroupPeople(kernel.database, KeptGroups({("p1", "on call"): ["eve", "ada"], ("p1", "nobody"): []})),
        road,
    )
    yield House(invoker, **gateways)
    for system in systems:
        await system.stop()


async def made_business(house: House) -> tuple[int, dict[str, Any]]:
    made = await house.cmdb.data("create_business", {"data": {"bk_biz_name": "shop"}})
    host = await house.cmdb.data("add_local_host_to_business_idle", {"bk_biz_id": made["bk_biz_id"]})
    return made["bk_biz_id"], host
