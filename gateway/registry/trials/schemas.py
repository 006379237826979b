from typing import Annotated, Any

from pydantic import Field, StringConstraints

from gateway.fields import AppCode, ComponentName, Input, View
from gateway.registry.drafts.schemas import HeaderName, HeaderValue, Method, ParameterName

Value = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=4000)]


class TrialRequestForm(Input):
    """Attributes:
    path: a value for each parameter of the path; `*` is what follows a component that matches sub-paths.
    body: a JSON value; null sends none.
    method: for a component that answers any; otherwise its own.
    """

    path: Annotated[dict[ParameterName, Value], Field(default_factory=dict, max_length=50)]
    query: Annotated[dict[ParameterName, Value | list[Value]], Field(default_factory=dict, max_length=100)]
    headers: Annotated[dict[HeaderName, HeaderValue], Field(default_factory=dict, max_length=50)]
    body: Any = None
    method: Method | None = None


class Trial(Input):
    """Attributes:
    app_code: an app of yours that calls; left out, trials' own, for those who manage the system.
    draft: tries the component as the draft has it.
    record_as: keeps request and answer as a sample of the draft's component.
    """

    request: Annotated[TrialRequestForm, Field(default_factory=TrialRequestForm)]
    app_code: AppCode | None = None
    draft: bool = False
    record_as: ComponentName | None = None


class HeaderView(View):
    name: str
    value: str


class BodyView(View):
    """Attributes:
    is_base64: the bytes are no text.
    """

    text: str
    is_base64: bool


class SentView(View):
    """What went to the upstream; what proves the gateway to it is hidden."""

    method: str
    url: str
    headers: list[HeaderView]
    body: BodyView


class TrialAnswerView(View):
    """Attributes:
    truncated: the answer is longer than is shown, or didn't end in time.
    milliseconds: the whole call took.
    upstream: none when the gateway answered itself.
    """

    status: int
    headers: list[HeaderView]
    body: BodyView
    truncated: bool
    milliseconds: float
    upstream: SentView | None


class SampleResultView(View):
    component: str
    sample: str
    passed: bool
    status: int
    milliseconds: float
    problems: list[str]
