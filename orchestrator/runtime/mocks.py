from kernel.contracts.plugin_invoker import PluginCall, PluginResult, PluginState
from orchestrator.flow.model import Mock
from orchestrator.runtime.actor import LocalPlugin

_SAID = "answered by a mock: no plugin was called"


def answering(mock: Mock) -> LocalPlugin:
    """A plugin that touches nothing and says what the mock has."""

    def answer(_call: PluginCall) -> PluginResult:
        if mock.error:
            return PluginResult(PluginState.FAIL, error=mock.error, log=(_SAID,))
        return PluginResult(PluginState.SUCCESS, mock.outputs, log=(_SAID,))

    return answer
