import logging

from bk_plugin_framework.kit import Context, ContextRequire, Field, InputsModel, OutputsModel, Plugin

logger = logging.getLogger("bk_plugin")


class Greet(Plugin):
    class Meta:
        version = "1.0.0"
        desc = "answers at once"

    class Inputs(InputsModel):
        hello: str

    class Outputs(OutputsModel):
        world: str

    class ContextInputs(ContextRequire):
        executor: str = Field(title="任务执行人")

    def execute(self, inputs: Inputs, context: Context):
        logger.info("greeting %s", inputs.hello)
        context.outputs["world"] = inputs.hello
        context.outputs["state"] = context.state.value
        context.outputs["invoke_count"] = context.invoke_count
