"""How the orchestrator runs a plugin: implemented by the marketplace, wired by the composition root."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class PluginState(StrEnum):
    """What an invocation leaves behind; the words of the bk_plugin protocol (reference bk-plugin-protocol §1)."""

    POLL = "POLL"
    CALLBACK = "CALLBACK"
    SUCCESS = "SUCCESS"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class PluginCall:
    """One invocation of a plugin for one node run.

    Attributes:
        node_run_id: names the run; a changing call carries the key `<node_run_id>:<n>` for its n-th call.
        scopes: what the task may use at most; the token of the call is narrowed to it.
        on_behalf_of: the person in whose name it calls: who launched the task, or the node's executor.
        launched_by: who launched the task, where that is somebody else; else empty.
        consented: the scopes that `on_behalf_of` has consented to, where somebody else launched the task; none where
            no consent is needed.
        secrets: handle → secret, of the handles among the inputs (`kernel.secret_handles`): sent, and kept nowhere.
        storage: what an earlier invocation of this run kept.
        reads_only: nothing may change by it: see `ChangesRefused`.
        ending: the task was revoked: of a plugin of several steps no further one may begin.
        callback_url: where a callback of this run is received, ready to hand to the upstream system.
    """

    node_run_id: str
    task_id: str
    project_id: str
    plugin: str
    version: str
    inputs: Mapping[str, Any]
    context: Mapping[str, Any]
    scopes: frozenset[str]
    on_behalf_of: str
    callback_url: str
    storage: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    reads_only: bool = False
    ending: bool = False
    launched_by: str = ""
    consented: frozenset[str] | None = None

    def without_consent(self, needed: frozenset[str]) -> str:
        """What to say when the person has not consented to all that is needed; empty when he has."""
        lacking = needed - self.consented if self.consented is not None else frozenset()
        if not lacking:
            return ""
        return (
            f"{self.on_behalf_of} has not consented to {', '.join(sorted(lacking))}; ask {self.on_behalf_of} to widen "
            "the consent, on the page 'In your name', or name another executor"
        )


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call a plugin made through the gateway, for the node's history.

    Attributes:
        status: HTTP status; 0 when no answer came.
        idempotency_key: empty for a read.
        executor: the person in whose name it was made, where somebody else launched the task; else empty.
    """

    component: str
    status: int
    request_id: str
    idempotency_key: str = ""
    executor: str = ""


@dataclass(frozen=True, slots=True)
class PluginResult:
    """What an invocation answers.

    Attributes:
        outputs: final with SUCCESS, partial with POLL and CALLBACK.
        storage: given back with the next invocation of the same run.
        poll_after_seconds: with POLL always; with CALLBACK when a late poll is the net.
        answered: whether a failure is what the plugin said; else nobody knows whether it is at work.
    """

    state: PluginState
    outputs: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None
    storage: Mapping[str, Any] = field(default_factory=dict)
    poll_after_seconds: float | None = None
    calls: tuple[CallRecord, ...] = ()
    log: tuple[str, ...] = ()
    answered: bool = True


class CancelState(StrEnum):
    """What became of telling a plugin that a node run is wanted no more.

    WAITING: it is still to be told. CANCELLED: it was told, and took it. ENDED: nothing of it was under way any more.
    NOT_OFFERED: it has no way to be told. NOT_REACHED: it could not be told, or would not take it.
    """

    WAITING = "waiting"
    CANCELLED = "cancelled"
    ENDED = "ended"
    NOT_OFFERED = "not_offered"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True)
class CancelResult:
    """Attributes:
    reason: why it was not reached; else empty.
    """

    state: CancelState
    reason: str = ""
    calls: tuple[CallRecord, ...] = ()
    log: tuple[str, ...] = ()


class PluginUnavailable(Exception):
    """The way to the plugin is closed for the moment (gateway restarting, connection refused).

    The runtime repeats the invocation under the same node run, with back-off.
    """


class ChangesRefused(Exception):
    """The plugin of an invocation that reads only would make a call that changes something, or may: it made none."""


class PluginInvoker(Protocol):
    """Runs plugins. Each method raises `PluginUnavailable` when it should be repeated later; `ChangesRefused` for what
    reads only.
    """

    async def execute(self, call: PluginCall) -> PluginResult: ...

    async def poll(self, call: PluginCall) -> PluginResult: ...

    async def callback(self, call: PluginCall, data: Any) -> PluginResult: ...

    async def cancel(self, call: PluginCall) -> CancelResult:
        """Tells the plugin that the node run is wanted no more; its repetition makes the same call under the same key.

        ``call.storage`` is what the last answered invocation kept; empty when none was answered.
        """
        ...
