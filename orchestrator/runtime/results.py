from kernel.contracts.plugin_invoker import PluginResult, PluginState
from orchestrator.engine.effects import Invocation
from orchestrator.engine.events import NodeResult, Outcome

_OUTCOMES = {
    PluginState.SUCCESS: Outcome.FINISHED,
    PluginState.FAIL: Outcome.FAILED,
    PluginState.POLL: Outcome.POLL,
    PluginState.CALLBACK: Outcome.CALLBACK,
}
MAX_WAIT_SECONDS = 86_400.0


def result_event(invocation: Invocation, result: PluginResult, now: float) -> NodeResult:
    """A plugin's answer as the machine takes it."""
    after = result.poll_after_seconds
    poll_at = None if after is None else now + min(max(after, 0.0), MAX_WAIT_SECONDS)
    return NodeResult(
        now,
        invocation.node,
        invocation.run,
        invocation.step,
        _OUTCOMES[result.state],
        result.outputs,
        result.storage,
        result.error,
        poll_at,
        result.answered,
    )
