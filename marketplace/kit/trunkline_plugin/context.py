"""What a run knows of itself, from call to call of `execute`."""

from typing import Any

from trunkline_plugin.models import ContextRequire, PluginCallbackModel
from trunkline_plugin.states import State


class Callback:
    """What was called back with.

    Attributes:
        id: of `prepare_callback`; None where nothing called back.
        data: the body that came, any JSON.
    """

    __slots__ = ("data", "id")

    def __init__(self, callback_id: str | None = None, callback_data: Any = None) -> None:
        self.id = callback_id
        self.data = callback_data


class Context:
    """What `execute` is given beside its inputs.

    Attributes:
        trace_id: the run's id, 32 hex digits.
        data: the context values the plugin's `ContextInputs` ask for.
        state: `EMPTY` on the first call, then what was waited for.
        invoke_count: 1 on the first call.
        callback: of the callback this call was made for.
        storage: kept from call to call; JSON.
        outputs: what a flow gets; JSON.
    """

    def __init__(
        self,
        trace_id: str,
        data: ContextRequire,
        state: State,
        invoke_count: int,
        callback: Callback | None = None,
        outputs: dict[str, Any] | None = None,
        storage: dict[str, Any] | None = None,
    ) -> None:
        self.trace_id = trace_id
        self.data = data
        self.state = state
        self.invoke_count = invoke_count
        self.callback = callback
        self.storage = storage or {}
        self.outputs = outputs or {}

    @property
    def plugin_callback_info(self) -> PluginCallbackModel | None:
        """Whom to tell of the end, where the context has a field of this name."""
        return getattr(self.data, "plugin_callback_info", None)
