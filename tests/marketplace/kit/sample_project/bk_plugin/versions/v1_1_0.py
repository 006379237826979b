from enum import Enum
from typing import Dict, List, Optional, Union

from bk_plugin_framework.kit import Context, ContextRequire, Field, FormModel, InputsModel, OutputsModel, Plugin, State
from bk_plugin_framework.kit.plugin import PluginCallbackModel


class Color(str, Enum):
    RED = "red"
    BLUE = "blue"


class Count(Plugin):
    class Meta:
        version = "1.1.0"
        desc = "poll example"
        enable_plugin_callback = True

    class Inputs(InputsModel):
        times: int = Field(2, title="Times", description="how often to ask")
        color: Color = Color.RED
        tags: List[str] = []
        note: Optional[str]
        labels: Dict[str, int] = Field(default_factory=dict, title="Labels")
        either: Union[int, str] = 0
        limit: Optional[int] = Field(None, ge=1, le=9)

    class InputsForm(FormModel):
        times = {"ui:component": {"name": "bfInput"}}

    class Outputs(OutputsModel):
        count: int = Field(title="Count")

    class ContextInputs(ContextRequire):
        plugin_callback_info: Optional[PluginCallbackModel]

    def execute(self, inputs: Inputs, context: Context):
        if context.state is State.EMPTY:
            context.storage["left"] = inputs.times
        context.storage["left"] -= 1
        context.outputs["count"] = context.invoke_count
        context.outputs["state"] = context.state.value
        context.outputs["either"] = inputs.either
        if context.storage["left"] >= 0:
            self.wait_poll(0)
