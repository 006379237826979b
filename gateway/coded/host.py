"""Serves coded components as systems that answer only what the gateway signed."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Final

import structlog
from pydantic_core import to_jsonable_python

from gateway.coded.component import CodedCall, Component
from gateway.coded.http import CheckedHttp
from gateway.coded.invoking import NOT_DECLARED, GatewayRoutes, invoke
from gateway.coded.runner import CodedLoop
from kernel.contracts.project_businesses import ProjectBusinesses
from kernel.contracts.system_keys import SystemKeys
from kernel.envelope import ComponentError, success
from kernel.http.component_app import Call, ComponentApp, EmbeddedSystem, ErrorCodes
from kernel.http.component_document import SystemFacts, Words
from kernel.http.nonces import DatabaseNonces
from kernel.http.signature_check import SignatureCheck
from kernel.services import KernelServices
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient

CODES: Final = ErrorCodes(parameters=1306406, key_reused=1306409, unknown_component=1306404, internal=1306000)
TOO_SLOW: Final = 1306201

_log = structlog.get_logger()


class CodedHost:
    """The coded components of this process.

    Attributes:
        systems: one for each that components name, to be mounted below `/systems/coded`.
    """

    def __init__(
        self,
        kernel: KernelServices,
        keys: SystemKeys,
        routes: GatewayRoutes,
        businesses: ProjectBusinesses,
        components: Iterable[Component[Any]],
    ) -> None:
        self._kernel = kernel
        self._businesses = businesses
        self._routes = routes
        self._loop = CodedLoop()
        settings = kernel.settings
        self._client = TransportClient(AddressPolicy.allowing(settings.allowed_upstream_origins))
        self._gateway_client = TransportClient(AddressPolicy.allowing([settings.effective_gateway_url]))
        by_system: dict[str, list[Component[Any]]] = {}
        for component in components:
            by_system.setdefault(component.system, []).append(component)
        self.systems = tuple(self._system(name, own, keys) for name, own in sorted(by_system.items()))

    async def start(self) -> None:
        if self.systems:
            self._loop.start()

    async def stop(self) -> None:
        await self._loop.stop(self._close())

    def _system(self, name: str, components: list[Component[Any]], keys: SystemKeys) -> EmbeddedSystem:
        scopes = {_scope(component): Words(_scope(component), _scope(component)) for component in components}
        title = Words(f"{name} (coded)", f"{name}（编码组件）")
        facts = SystemFacts(name, (), title, Words("", ""), "1.0.0", scopes)
        app = ComponentApp(facts, self._kernel.database, None, CODES)
        for component in components:
            app.own(
                component.name,
                component.inputs,
                component.output,
                self._handler(component),
                scope=_scope(component),
                summary=component.title,
                description=component.description,
                method=component.method,
                is_read=component.is_read,
            )
        nonces = DatabaseNonces(self._kernel.database, self._kernel.clock)
        check = SignatureCheck(name, keys, nonces, self._kernel.clock)
        return app.build(check, max_body_bytes=self._kernel.settings.max_body_bytes)

    def _handler(self, component: Component[Any]) -> Any:
        async def handle(call: Call[Any]) -> dict[str, Any]:
            here = asyncio.get_running_loop()
            try:
                answer = await self._loop.run(self._run(component, call, here), component.seconds)
            except TimeoutError as error:
                raise ComponentError(TOO_SLOW, f"{component.name} took longer than {component.seconds} s") from error
            except ComponentError:
                raise
            except Exception:  # noqa: BLE001 - the code of others may fail in any way
                _log.exception("coded_component_failed", system=component.system, component=component.name)
                raise ComponentError(CODES.internal, f"{component.name} failed; the server's log has it") from None
            return success(answer)

        return handle

    async def _run(self, component: Component[Any], call: Call[Any], home: asyncio.AbstractEventLoop) -> Any:
        """In the loop of coded components; what needs the database goes back to `home`."""
        gateway = CheckedHttp(self._gateway_client)

        async def invoke_other(component_name: str, inputs: Mapping[str, Any] | None = None) -> Any:
            if component_name not in component.invokes:
                raise ComponentError(NOT_DECLARED, f"{component.name} doesn't say that it invokes {component_name}")
            finding = asyncio.run_coroutine_threadsafe(self._routes.find(component_name, call.caller), home)
            route = await asyncio.wrap_future(finding)
            url = self._kernel.settings.effective_gateway_url
            return await invoke(gateway, url, route, inputs or {}, call.caller.request_id, component.seconds)

        async def business() -> int | None:
            looking = asyncio.run_coroutine_threadsafe(self._business_of(call.caller.project), home)
            return await asyncio.wrap_future(looking)

        key = call.keyed.key if call.keyed is not None else None
        given = CodedCall(call.caller, call.params, key, CheckedHttp(self._client), invoke_other, business)
        return to_jsonable_python(await component.handle(given))

    async def _business_of(self, project_id: str) -> int | None:
        if not project_id:
            return None
        async with self._kernel.database.reading() as session:
            return await self._businesses.bk_biz_id(session, project_id)

    async def _close(self) -> None:
        await self._client.aclose()
        await self._gateway_client.aclose()


def _scope(component: Component[Any]) -> str:
    return component.scope or f"{component.system}:{'read' if component.is_read else 'write'}"
