from bk_plugin_framework.kit import Context, InputsModel, Plugin, State


class Failing(Plugin):
    class Meta:
        version = "1.3.0"
        desc = "ends badly"

    class Inputs(InputsModel):
        how: str
        later: bool = False

    def execute(self, inputs: Inputs, context: Context):
        if inputs.later and context.state is State.EMPTY:
            context.outputs["count"] = 1
            self.wait_poll(0)
            return
        context.outputs["count"] = context.invoke_count
        if inputs.how == "error":
            raise self.Error("no such host")
        if inputs.how == "unexpected":
            raise ValueError("a wrong value")
        context.storage["odd"] = object()
        self.wait_poll(0)
