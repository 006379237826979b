from bk_plugin_framework.kit import Context, ContextRequire, InputsModel, Plugin, State


class Callback(Plugin):
    class Meta:
        version = "1.2.0"
        desc = "callback example"

    class Inputs(InputsModel):
        answers: int = 1

    class ContextInputs(ContextRequire):
        bk_biz_id: int = 0

    def execute(self, inputs: Inputs, context: Context):
        if context.state is State.EMPTY:
            prepared = self.prepare_callback(context)
            context.storage["id"] = prepared.id
            context.outputs["url"] = prepared.url
            self.wait_callback()
            return
        context.outputs.setdefault("answers", []).append(context.callback.data)
        context.outputs["known"] = context.callback.id == context.storage["id"]
        if len(context.outputs["answers"]) < inputs.answers:
            self.wait_callback()
