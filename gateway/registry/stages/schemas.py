from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from gateway.fields import AppCode, Input, Line, ReleaseVersion, StageName, Time, View
from gateway.snapshot.model.variables import MOST_VARIABLES
from gateway.snapshot.schemas import LiveView

Share = Annotated[int, Field(ge=0, le=100, description="Per cent of the callers")]
Comment = Annotated[Line, Field(max_length=500)]
VariableName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,49}$")]
VariableValue = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=1000)]
Variables = Annotated[dict[VariableName, VariableValue], Field(max_length=MOST_VARIABLES)]
Apps = Annotated[list[AppCode], Field(max_length=200)]
UpstreamUrl = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[\x21-\x7e]+$")]


class NewStage(Input):
    """Attributes:
    like: what is left out is taken from this stage, its upstreams and signing too; without it from `prod`.
    """

    name: StageName
    like: StageName | None = None
    release: ReleaseVersion | None = None
    upstream_url: UpstreamUrl | None = None
    variables: Variables | None = None
    envelope: bool | None = None
    validate_requests: bool | None = None


class StageChange(Input):
    """What is left out stays. Attributes:
    variables: all of them; `{env.name}` in a component's upstream path stands for one.
    """

    variables: Variables | None = None
    envelope: bool | None = None
    validate_requests: bool | None = None


class Activation(Input):
    release: ReleaseVersion
    comment: Comment = ""


class Reason(Input):
    comment: Comment = ""


class NewCanary(Input):
    """Attributes:
    apps: served by the canary whatever the share.
    """

    release: ReleaseVersion
    share: Share = 0
    apps: Apps = Field(default_factory=list)

    @model_validator(mode="after")
    def _for_somebody(self) -> Self:
        if not self.share and not self.apps:
            raise ValueError("nobody would be served by it; give a share or name apps")
        return self


class CanaryChange(Input):
    share: Share | None = None
    apps: Apps | None = None


class CanaryView(View):
    release: str
    share: int
    apps: list[str]
    started_by: str
    started_at: Time


class ReleaseCallsView(View):
    """Attributes:
    errors: calls the gateway refused, or that ended with a status from 500.
    """

    release: str
    calls: int
    errors: int


class CanaryStatus(CanaryView):
    """Attributes:
    calls: what each release answered on the stage since the day on which the trial began, some seconds late.
    """

    calls: list[ReleaseCallsView]


class StageView(View):
    name: str
    release: str
    canary: CanaryView | None
    upstream_url: str
    signing: str
    envelope: bool
    validate_requests: bool
    variables: dict[str, str]
    connect_timeout: float
    timeout: float
    updated_at: Time


class ChangedStage(LiveView):
    stage: StageView


class ServedRelease(LiveView):
    """Attributes:
    release: what the stage serves from now on.
    """

    release: str


class ActivationView(View):
    """Attributes:
    number: counts the stage's activations. back_to: the one a rollback returns to.
    """

    number: int
    release: str
    kind: str
    back_to: int | None
    comment: str
    activated_by: str
    activated_at: Time
