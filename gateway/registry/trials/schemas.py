from typing import Annotated

from pydantic import Field

from gateway.fields import AppCode, ComponentName, Input, View
from gateway.registry.drafts.schemas import SampleRequest


class Trial(Input):
    """Attributes:
    app_code: an app of yours that calls; left out, trials' own, for those who manage the system.
    draft: tries the component as the draft has it.
    record_as: keeps request and answer as a sample of the draft's component.
    """

    request: Annotated[SampleRequest, Field(default_factory=SampleRequest)]
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
