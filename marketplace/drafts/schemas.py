from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from kernel.contracts.plugin_invoker import PluginState
from kernel.http.field_problems import FieldProblemView
from marketplace.package.manifest import LocalizedText, PluginKind, ScopeNeed
from marketplace.versions.schemas import PluginFormView

Text = Annotated[str, Field(max_length=256 * 1024)]
_MAX_ANSWERS = 50


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class StartBody(_Body):
    """`component` is `system.component`, as stage prod serves it."""

    component: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*\.[A-Za-z0-9_.-]+$", max_length=192)]
    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,63}$")]
    publisher: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{1,63}$")]


class DraftBody(_Body):
    """The files of a package without code, as their author writes them."""

    manifest: Text
    readme: Text = ""
    changelog: Text = ""


class SampleAnswerBody(_Body):
    status: Annotated[int, Field(strict=True, ge=100, le=599)] = 200
    response: Any = None


class TryBody(_Body):
    """`answers` to the calls in their order; `callbacks` are given where the plugin waits for one."""

    manifest: Text
    inputs: dict[str, Any] = {}
    answers: Annotated[list[SampleAnswerBody], Field(max_length=_MAX_ANSWERS)] = []
    callbacks: Annotated[list[Any], Field(max_length=_MAX_ANSWERS)] = []


class DraftSummaryView(BaseModel):
    code: str
    version: str
    kind: PluginKind
    name: LocalizedText
    description: LocalizedText
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    form: PluginFormView
    scopes: list[ScopeNeed]
    components: list[str]


class DraftCheckView(BaseModel):
    """`draft` is null while the manifest itself can't be read; with no `problems` it can be published."""

    problems: list[FieldProblemView]
    draft: DraftSummaryView | None


class TrialCallView(BaseModel):
    """`answer` null: no further one was given."""

    component: str
    method: str
    target: str
    body: Any
    idempotency_key: str
    answer: SampleAnswerBody | None


class TrialView(BaseModel):
    """`state` null: the last call, or the callback it waits for, has no answer yet."""

    calls: list[TrialCallView]
    state: PluginState | None
    outputs: dict[str, Any]
    error: str | None
    log: list[str]
