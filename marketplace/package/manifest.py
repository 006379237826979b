"""`plugin.yaml`: its shape. What its parts say about one another is checked in `manifest_check`."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(min_length=1, max_length=2_000)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,63}$")]
Expression = Annotated[str, Field(min_length=1, max_length=4_096)]
Seconds = Annotated[float, Field(ge=0.2, le=86_400)]


class PluginKind(StrEnum):
    """How a plugin does its work.

    COMPONENT: without code, by calls of registered components through the gateway.
    """

    COMPONENT = "component"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class LocalizedText(_Part):
    en: Text
    zh: Text


class ScopeNeed(_Part):
    """A scope the plugin asks for, and why."""

    scope: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*[:.][A-Za-z0-9_.:-]+$", max_length=128)]
    reason: LocalizedText


class ComponentCall(_Part):
    """One call: values for the path's placeholders, the query and the JSON body, as templates."""

    component: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*\.[A-Za-z0-9_.-]+$", max_length=192)]
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


class ComponentMapping(_Part):
    """What a component plugin does.

    Attributes:
        success: condition over `response`, `status`, `inputs` and `context`; missing means any status below 400.
        error: template of the failure's text.
    """

    call: ComponentCall
    success: Expression | None = None
    error: Expression | None = None
    outputs: dict[str, Any] = {}
    poll: Poll | None = None
    callback: Callback | None = None

    def calls(self) -> list[tuple[tuple[str | int, ...], ComponentCall]]:
        """Every call with its place below the mapping; the first is the one that may change things."""
        found: list[tuple[tuple[str | int, ...], ComponentCall]] = [(("call",), self.call)]
        if self.poll is not None:
            found.append((("poll", "call"), self.poll.call))
        for name, ending in (("poll", self.poll), ("callback", self.callback)):
            for index, further in enumerate(ending.then if ending is not None else ()):
                found.append(((name, "then", index, "call"), further.call))
        return found


class Manifest(_Part):
    """A plugin version as its author describes it.

    Attributes:
        inputs: JSON Schema 2020-12 of an object.
        outputs: JSON Schema 2020-12 of an object.
        form: `schema` (the inputs' when missing), `uischema`, `i18n`.
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
    scopes: Annotated[list[ScopeNeed], Field(max_length=50)] = []
    component: ComponentMapping

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

    def components(self) -> list[str]:
        """Every `system.component` the plugin calls, once, in the order of calling."""
        return list(dict.fromkeys(call.component for _, call in self.component.calls()))
