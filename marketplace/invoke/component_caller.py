"""Implements `kernel.contracts.component_caller`."""

from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from kernel.contracts.component_caller import ComponentAway, ComponentCall, ComponentRefused
from kernel.contracts.plugin_invoker import PluginUnavailable
from kernel.contracts.task_tokens import TaskTokenMinter
from kernel.errors import TrunklineError
from marketplace.invoke.components import CallableComponents
from marketplace.invoke.errors import InvocationFailed
from marketplace.invoke.gateway_caller import GatewayCaller


class ProjectComponentCaller:
    """Each call has a token of the project's service app that is good for that component alone."""

    def __init__(self, components: CallableComponents, tokens: TaskTokenMinter, gateway: GatewayCaller) -> None:
        self._components = components
        self._tokens = tokens
        self._gateway = gateway

    async def call(self, call: ComponentCall) -> Any:
        """See the contract."""
        try:
            component = await self._components.find(call.component)
            token = await self._tokens.mint(
                project_id=call.project_id,
                task_id=call.task_id,
                on_behalf_of=call.on_behalf_of,
                scopes=frozenset({call.component}),
                launched_by=call.launched_by,
            )
            answer = await self._gateway.call(
                component, component.target({}, {}), dict(call.inputs), token.value, call.idempotency_key
            )
        except InvocationFailed as failed:
            raise ComponentRefused(failed.message) from failed
        except TrunklineError as error:
            raise ComponentRefused(error.detail) from error
        except (PluginUnavailable, SQLAlchemyError, OSError) as error:
            raise ComponentAway(str(error)) from error
        said = answer.response
        if answer.is_error or not isinstance(said, dict) or said.get("result") is not True:
            code = said.get("code") if isinstance(said, dict) else None
            raise ComponentRefused(answer.failure(), code if isinstance(code, int) else 0)
        return said.get("data")
