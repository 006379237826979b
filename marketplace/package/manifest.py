"""`plugin.yaml`: its shape. What its parts say about one another is checked in `manifest_check`."""

from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from marketplace.package.ranges import MAX_LENGTH

INVOKE: Final = "invoke"
SCHEDULE: Final = "schedule"
CANCEL: Final = "cancel"
DISPATCH: Final = "plugin_api_dispatch"
LOGS: Final = "logs"
"""Components of a system that is a plugin; `remote_system` registers them under these names."""

FORM_COMPONENTS: Final = "form_components"
ALSO_CALLS: Final = "also_calls"
FORM_UPLOAD: Final = "job.upload_local_file"
"""Keeps files that are picked in a form: the one component it may ask that is no read."""
HOSTED_SYSTEM: Final = "hosted-plugins"
"""The system by which plugins are called that this installation runs."""
HOSTED_SCOPES: Final = frozenset(f"{HOSTED_SYSTEM}.{name}" for name in (INVOKE, SCHEDULE, CANCEL, LOGS, DISPATCH))
"""Of its components: none needs a grant, an install is looked for instead."""

Text = Annotated[str, Field(min_length=1, max_length=2_000)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,63}$")]
Expression = Annotated[str, Field(min_length=1, max_length=4_096)]
Seconds = Annotated[float, Field(ge=0.2, le=86_400)]


class PluginKind(StrEnum):
    """How a plugin does its work.

    COMPONENT: without code, by calls of registered components through the gateway.
    REMOTE: a service of somebody's that speaks the bk_plugin protocol, registered as a system.
    PYTHON: code in the package, which speaks that protocol where it is hosted.
    FLOW: no plugin but a flow, which projects take into theirs.
    """

    COMPONENT = "component"
    REMOTE = "remote"
    PYTHON = "python"
    FLOW = "flow"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class LocalizedText(_Part):
    en: Text
    zh: Text


class ScopeNeed(_Part):
    """A scope the plugin asks for, and why."""

    scope: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*[:.][A-Za-z0-9_.:-]+$", max_length=128)]
    reason: LocalizedText


ComponentName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*\.[A-Za-z0-9_.-]+$", max_length=192)]


class ComponentCall(_Part):
    """One call: values for the path's placeholders, the query and the JSON body, as templates."""

    component: ComponentName
    path: dict[str, Any] = {}
    query: dict[str, Any] = {}
    body: dict[str, Any] | None = None


class FurtherCall(_Part):
    """A read once the work is done, e.g. of the log."""

    call: ComponentCall
    success: Expression | None = None
    error: Expression | None = None
    outputs: dict[str, Any] = {}


class _Ending(_Part):
    success: Expression | None = None
    error: Expression | None = None
    outputs: dict[str, Any] = {}
    then: Annotated[list[FurtherCall], Field(max_length=10)] = []


class Poll(_Ending):
    """Asks again until `done`.

    Attributes:
        store: kept from the answer of the first call, for `${storage.…}`.
    """

    call: ComponentCall
    store: dict[str, Any] = {}
    interval_seconds: Seconds = 5
    done: Expression


class Callback(_Ending):
    """Waits for the system to call back.

    Attributes:
        store: as in `Poll`.
        late_poll_seconds: when there is a poll too, how long to wait before asking after all.
    """

    store: dict[str, Any] = {}
    done: Expression = "true"
    late_poll_seconds: Seconds = 30


class Cancel(_Part):
    """Tells the system that what the call began is wanted no more; it may change things.

    Attributes:
        success, error: as in `_Called`.
    """

    call: ComponentCall
    success: Expression | None = None
    error: Expression | None = None


class _Called(_Part):
    """What is made of a call's answer, and of what comes later.

    Attributes:
        success: condition over `response`, `status`, `inputs` and `context`; missing means any status below 400.
        error: template of the failure's text.
    """

    success: Expression | None = None
    error: Expression | None = None
    outputs: dict[str, Any] = {}
    poll: Poll | None = None
    callback: Callback | None = None
    cancel: Cancel | None = None


class ComponentStep(_Called):
    """One call with all that follows of it, before the next step begins.

    Attributes:
        name: for the node's log.
        when: condition; where it doesn't hold, the step is passed over.
        store: kept from the call's answer, for `${storage.…}` of this step's poll and of later steps.
        callback: of the last step alone.
    """

    name: Annotated[str, Field(max_length=128)] = ""
    when: Expression | None = None
    call: ComponentCall
    store: dict[str, Any] = {}


class ComponentMapping(_Called):
    """What a component plugin does: one `call` with its ending, or several `steps`, one after the other.

    Attributes:
        also_calls: components that those it calls, being coded, call in turn with the rights of the plugin's project.
    """

    call: ComponentCall | None = None
    steps: Annotated[list[ComponentStep], Field(max_length=20)] = []
    also_calls: Annotated[list[ComponentName], Field(max_length=50)] = []

    def sequence(self) -> tuple[ComponentStep, ...]:
        """The steps; one, where there is only a call."""
        if self.call is None:
            return tuple(self.steps)
        own = {name: getattr(self, name) for name in _Called.model_fields}
        return (ComponentStep(call=self.call, **own),)

    def place_of(self, step: int) -> tuple[str | int, ...]:
        """Where a step stands below the mapping."""
        return () if self.call is not None else ("steps", step)

    def calls(self) -> list[tuple[tuple[str | int, ...], ComponentCall]]:
        """Every call with its place below the mapping; those placed at `call`, `cancel.call` and `also_calls` may
        change things, the others read.
        """
        found: list[tuple[tuple[str | int, ...], ComponentCall]] = []
        for number, step in enumerate(self.sequence()):
            place = self.place_of(number)
            found.append(((*place, "call"), step.call))
            if step.poll is not None:
                found.append(((*place, "poll", "call"), step.poll.call))
            if step.cancel is not None:
                found.append(((*place, "cancel", "call"), step.cancel.call))
            for name, ending in (("poll", step.poll), ("callback", step.callback)):
                for index, further in enumerate(ending.then if ending is not None else ()):
                    found.append(((*place, name, "then", index, "call"), further.call))
        found += [((ALSO_CALLS, index), ComponentCall(component=name)) for index, name in enumerate(self.also_calls)]
        return found


class Served(_Part):
    """What a plugin that speaks the bk_plugin protocol says of this version.

    Attributes:
        version: its number there.
        context: which values of the task it asks for.
        tells_end: it calls back when a run has ended.
        cancels: it can be told that a run is wanted no more.
    """

    version: Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]+\.[0-9][a-z0-9]*$", max_length=128)]
    context: Annotated[list[Annotated[str, Field(max_length=128)]], Field(max_length=100)] = []
    tells_end: bool = False
    cancels: bool = False


class Remote(Served):
    """Attributes:
    system: the registered system behind which the plugin stands.
    data_api: its form asks it for choices.
    """

    system: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=64)]
    data_api: bool = False


class NeededPlugin(_Part):
    """A plugin that nodes of a flow run, and the range of versions that do."""

    code: Code
    versions: Annotated[str, Field(min_length=1, max_length=MAX_LENGTH)]


class FlowContent(_Part):
    """What a flow needs of a project.

    Attributes:
        secrets: names of those it must have.
    """

    plugins: Annotated[list[NeededPlugin], Field(max_length=200)] = []
    secrets: Annotated[list[Annotated[str, Field(min_length=1, max_length=200)]], Field(max_length=200)] = []


class Requires(_Part):
    """What a plugin needs to be installed: a range of versions of this product."""

    trunkline: Annotated[str, Field(min_length=1, max_length=MAX_LENGTH)]


class Manifest(_Part):
    """A plugin version as its author describes it; one of `component`, `remote`, `python` and `flow`, as its kind
    says.

    Attributes:
        inputs: JSON Schema 2020-12 of an object.
        outputs: JSON Schema 2020-12 of an object.
        python: made from what the code says of itself.
        form: `schema` (the inputs' when missing), `uischema`, `i18n`.
        form_components: reads that the form asks for choices while it is filled in, and `FORM_UPLOAD`.
    """

    code: Code
    version: Annotated[str, Field(max_length=64)]
    kind: Annotated[PluginKind, Field(strict=False)]
    publisher: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{1,63}$")]
    name: LocalizedText
    description: LocalizedText
    tags: Annotated[list[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]], Field(max_length=10)] = []
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    form: dict[str, Any] | None = None
    form_components: Annotated[list[ComponentName], Field(max_length=50)] = []
    scopes: Annotated[list[ScopeNeed], Field(max_length=50)] = []
    requires: Requires | None = None
    component: ComponentMapping | None = None
    remote: Remote | None = None
    python: Served | None = None
    flow: FlowContent | None = None

    def form_document(self) -> dict[str, Any]:
        """The form with its schema, `uischema` and `i18n` filled in."""
        given = self.form or {}
        return {
            "schema": given.get("schema", self.inputs),
            "uischema": given.get("uischema"),
            "i18n": given.get("i18n") or {},
        }

    def scope_names(self) -> frozenset[str]:
        return frozenset(need.scope for need in self.scopes)

    def calls(self) -> list[tuple[tuple[str | int, ...], ComponentCall]]:
        """Every call through the gateway, with its place in the manifest."""
        return self._run_calls() + [
            ((FORM_COMPONENTS, index), ComponentCall(component=name)) for index, name in enumerate(self.form_components)
        ]

    def _run_calls(self) -> list[tuple[tuple[str | int, ...], ComponentCall]]:
        if self.component is not None:
            return [(("component", *place), call) for place, call in self.component.calls()]
        if self.remote is None:
            return []
        system = self.remote.system
        invoke = ComponentCall(component=f"{system}.{INVOKE}", path={"version": self.remote.version}, body={})
        schedule = ComponentCall(component=f"{system}.{SCHEDULE}", path={"trace_id": ""})
        found: list[tuple[tuple[str | int, ...], ComponentCall]] = [
            (("remote", "call"), invoke),
            (("remote", "poll"), schedule),
        ]
        if self.remote.cancels:
            cancel = ComponentCall(component=f"{system}.{CANCEL}", path={"trace_id": ""}, body={})
            found.append((("remote", "cancel", "call"), cancel))
        if self.remote.data_api:
            found.append((("remote", "data_api"), ComponentCall(component=f"{system}.{DISPATCH}", body={})))
        return found

    def components(self) -> list[str]:
        """Every `system.component` the plugin calls, once, in the order of calling."""
        return list(dict.fromkeys(call.component for _, call in self.calls()))
