"""Sends what `notify` nodes tell: through the gateway and as the task's project, beside the plugins."""

from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from kernel.contracts.component_caller import ComponentAway, ComponentCall, ComponentCaller, ComponentRefused
from kernel.contracts.plugin_invoker import (
    CallRecord,
    CancelResult,
    PluginCall,
    PluginInvoker,
    PluginResult,
    PluginState,
    PluginUnavailable,
)
from kernel.db.database import Database
from orchestrator.engine.kinds.notify import SENDER
from orchestrator.notices import repository
from orchestrator.notices.sending import NOTIFY

_SENT: Final = 200
_NEEDED: Final = frozenset({NOTIFY})


class NodeSender:
    """Implements `PluginInvoker` for `notify` nodes, and hands all else to that of the plugins."""

    def __init__(self, plugins: PluginInvoker, components: ComponentCaller, database: Database) -> None:
        self._plugins = plugins
        self._components = components
        self._database = database

    async def execute(self, call: PluginCall) -> PluginResult:
        return await (self._send(call) if call.plugin == SENDER else self._plugins.execute(call))

    async def poll(self, call: PluginCall) -> PluginResult:
        return await self._plugins.poll(call)

    async def callback(self, call: PluginCall, data: Any) -> PluginResult:
        return await self._plugins.callback(call, data)

    async def cancel(self, call: PluginCall) -> CancelResult:
        return await self._plugins.cancel(call)

    async def _send(self, call: PluginCall) -> PluginResult:
        if refused := call.without_consent(_NEEDED):
            return PluginResult(PluginState.FAIL, error=refused)
        people, missing = await self._people(call)
        if missing:
            return PluginResult(PluginState.FAIL, error=f"the project has no notice group {', '.join(missing)}")
        if not people:
            return PluginResult(PluginState.FAIL, error="there is nobody to tell")
        told = {
            "receiver__username": people,
            "title": call.inputs["title"],
            "content": call.inputs["content"] or call.inputs["title"],
            "body_format": "Text",
        }
        if call.inputs["types"]:
            told["msg_types"] = call.inputs["types"]
        key = f"{call.node_run_id}:1"
        try:
            data = await self._components.call(
                ComponentCall(NOTIFY, told, call.project_id, call.on_behalf_of, call.task_id, key, call.launched_by)
            )
        except ComponentAway as error:
            raise PluginUnavailable(str(error)) from error
        except ComponentRefused as error:
            return PluginResult(PluginState.FAIL, error=str(error) or "it was refused")
        message = data.get("message_id") if isinstance(data, dict) else None
        outputs = {"people": people, "message_id": message}
        return PluginResult(PluginState.SUCCESS, outputs, calls=(CallRecord(NOTIFY, _SENT, "", key),))

    async def _people(self, call: PluginCall) -> tuple[list[str], list[str]]:
        """Each once; and the groups that are not there."""
        groups = call.inputs["groups"]
        if not groups:
            return list(call.inputs["people"]), []
        try:
            async with self._database.reading() as session:
                found = await repository.groups_of(session, call.project_id)
        except (SQLAlchemyError, OSError) as error:
            raise PluginUnavailable("the database can't be reached") from error
        named = {group.name: group.people for group in found}
        people = [*call.inputs["people"], *(name for group in groups for name in named.get(group, ()))]
        return list(dict.fromkeys(people)), [group for group in groups if group not in named]
