"""One invocation under way: its values, its calls, its log, what it keeps."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any, Protocol
from zlib import crc32

from kernel.contracts.plugin_invoker import (
    CallRecord,
    CancelResult,
    CancelState,
    ChangesRefused,
    PluginCall,
    PluginResult,
    PluginState,
)
from kernel.expressions.errors import ExpressionError
from kernel.secret_handles import handles_in
from marketplace.invoke.answers import Answer
from marketplace.invoke.compiled import Compiled
from marketplace.invoke.components import CallableComponent
from marketplace.invoke.errors import InvocationFailed
from marketplace.invoke.secrets import InvocationSecrets
from marketplace.invoke.templates import fill, with_absent
from marketplace.package.manifest import ComponentCall

_MAX_ERROR = 4_000


class Sender(Protocol):
    """Sends one call with a token of the task."""

    async def find(self, label: str) -> CallableComponent: ...

    async def send(self, component: CallableComponent, target: str, body: Any, idempotency_key: str) -> Answer: ...


@dataclass(slots=True)
class Run:
    """Attributes:
    inputs: of a secret, its name.
    changing_calls: how many calls with an idempotency key the node run has made, over all its invocations.
    kept: what templates see as `storage`.
    misses: polls in a row that failed.
    position: the step of a mapping that is under way, or is to begin.
    begun: whether that step's call was made, so that its end is waited for.
    cancelling: it is to be cancelled: by a call with a key of its own.
    """

    call: PluginCall
    compiled: Compiled
    sender: Sender
    inputs: Mapping[str, Any]
    secrets: InvocationSecrets
    changing_calls: int = 0
    kept: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)
    misses: int = 0
    position: int = 0
    begun: bool = False
    cancelling: bool = False
    records: list[CallRecord] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    @classmethod
    def resumed(
        cls,
        call: PluginCall,
        compiled: Compiled,
        sender: Sender,
        inputs: Mapping[str, Any],
        secrets: InvocationSecrets,
    ) -> "Run":
        """A run with what an earlier invocation of the same node run left in its storage."""
        stored = call.storage
        return cls(
            call,
            compiled,
            sender,
            inputs,
            secrets,
            changing_calls=int(stored.get("changing_calls", 0)),
            kept=dict(stored.get("kept", {})),
            outputs=dict(stored.get("outputs", {})),
            misses=int(stored.get("misses", 0)),
            position=int(stored.get("position", 0)),
            begun=bool(stored.get("begun", True)),
        )

    def values(self, **more: Any) -> dict[str, Any]:
        """What conditions see."""
        call = {"callback_url": self.call.callback_url, "node_run_id": self.call.node_run_id}
        return {"inputs": self.inputs, "context": self.call.context, "call": call, "storage": self.kept, **more}

    def fill(self, template: Any, place: str, **more: Any) -> Any:
        """Raises:
        InvocationFailed: something the template names has no value.
        """
        return self._filled(template, place, self.inputs, more)

    def _filled(self, template: Any, place: str, inputs: Mapping[str, Any], more: Mapping[str, Any]) -> Any:
        values = self.values(**more)
        values["inputs"] = with_absent(self.compiled.input_names, inputs)
        values["storage"] = with_absent(self.compiled.stored_names, self.kept)
        return fill(template, values, place)

    def holds(self, source: str, place: str, answer: Answer | None, **more: Any) -> bool:
        """Raises:
        InvocationFailed: the condition has no value.
        """
        try:
            return self.compiled.conditions[source].holds(self.values(**more))
        except ExpressionError as error:
            problem = f"{place} can't be decided: {error.message}"
            raise InvocationFailed(answer.failure(f"{problem}; {answer.message()}") if answer else problem) from error

    async def send(self, call: ComponentCall, place: str, **more: Any) -> Answer:
        """Fills in a call and makes it, with a key when it changes things.

        Raises:
            PluginUnavailable, InvocationFailed: no answer.
        """
        component = await self.sender.find(call.component)
        path = self.fill(call.path, f"{place}.path", **more) if call.path else {}
        query = self.fill(call.query, f"{place}.query", **more) if call.query else {}
        if self.secrets.given and handles_in([path, query]):
            raise InvocationFailed(f"{place} puts a secret into the address, which access logs keep")
        body = None
        if call.body is not None:
            body = self._filled(call.body, f"{place}.body", self.secrets.reveal(self.inputs), more)
        return await self._sent(component, component.target(path, query), body)

    async def ask(self, label: str, path: Mapping[str, Any], body: Any = None) -> Answer:
        """As `send`, with values as they are: nothing in them is a template."""
        component = await self.sender.find(label)
        return await self._sent(component, component.target(path, {}), body)

    async def _sent(self, component: CallableComponent, target: str, body: Any) -> Answer:
        key = ""
        if not component.description.is_read:
            if self.call.reads_only:
                raise ChangesRefused(f"{component.label} changes something")
            self.changing_calls += 1
            key = f"{self.call.node_run_id}:{self._cancel_key() if self.cancelling else self.changing_calls}"
        began = perf_counter()
        try:
            answer = await self.sender.send(component, target, body, key)
        except InvocationFailed as failed:
            self.records.append(CallRecord(component.label, 0, "", key))
            self.log.append(failed.message)
            raise
        response = self.secrets.masked(answer.response)
        if response is not answer.response:
            answer = replace(answer, response=response)
        milliseconds = (perf_counter() - began) * 1000
        self.records.append(CallRecord(component.label, answer.status, answer.request_id, key))
        self.log.append(
            f"{component.description.method} {component.label}: HTTP {answer.status} in {milliseconds:.0f} ms, "
            f"request {answer.request_id}"
        )
        return answer

    def _cancel_key(self) -> str:
        """What is sent follows from what the run kept: who learns more of it sends another call, not the same again."""
        kept = json.dumps(dict(self.call.storage), sort_keys=True)
        return f"cancel-{crc32(kept.encode()):08x}"

    def cancelled(self, state: CancelState, reason: str = "") -> CancelResult:
        return CancelResult(state, reason[:_MAX_ERROR], tuple(self.records), tuple(self.log))

    def result(
        self,
        state: PluginState,
        *,
        error: str | None = None,
        poll_after_seconds: float | None = None,
        answered: bool = True,
    ) -> PluginResult:
        return PluginResult(
            state=state,
            outputs=dict(self.outputs),
            error=error[:_MAX_ERROR] if error is not None else None,
            storage={
                "changing_calls": self.changing_calls,
                "kept": self.kept,
                "outputs": self.outputs,
                "misses": self.misses,
                "position": self.position,
                "begun": self.begun,
            },
            poll_after_seconds=poll_after_seconds,
            calls=tuple(self.records),
            log=tuple(self.log),
            answered=answered,
        )
