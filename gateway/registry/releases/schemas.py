import datetime as dt
from typing import Annotated, Self

from pydantic import Field, model_validator

from gateway.fields import Input, Line, StageName, Time, Version, View
from gateway.registry.releases.versions import Bump

Comment = Annotated[Line, Field(max_length=500)]


class NewRelease(Input):
    """Attributes:
    version: left out, the version that `bump` leads to; `auto` is the lowest that tells callers what changed.
    force_because: why the version may tell callers less than what changed; kept with the release.
    check_on: a stage on whose upstreams the draft's samples must pass first.
    """

    version: Version | None = None
    bump: Bump = "auto"
    comment: Comment = ""
    force_because: Comment = ""
    check_on: StageName | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.version is not None and self.bump != "auto":
            raise ValueError("give version or bump, not both")
        return self


class ReleaseView(View):
    """Attributes:
    forced_because: why the version tells callers less than what changed; empty when it doesn't.
    """

    version: str
    components_count: int
    digest: str
    comment: str
    forced_because: str
    created_by: str
    created_at: Time


class ReasonView(View):
    """Attributes:
    field: of the component's definition; inside a schema `body_schema/name`.
    level: `breaking`, `added`, `inner` (callers needn't know) or `text`.
    """

    field: str
    text: str
    level: str


class CallerView(View):
    app_code: str
    calls: int
    last_day: dt.date


class ChangedComponentView(View):
    """Attributes:
    callers: the apps that called it in the last 30 days, the most calls first, at most 100 of them; `null` for who
        doesn't manage the system.
    """

    name: str
    level: str
    breaking: bool
    reasons: list[ReasonView]
    callers: list[CallerView] | None


class RemovedComponentView(View):
    name: str
    callers: list[CallerView] | None


class DiffView(View):
    """Attributes:
    level: the highest of all changes.
    """

    breaking: bool
    level: str
    added: list[str]
    removed: list[RemovedComponentView]
    changed: list[ChangedComponentView]
    reordered: bool


class MadeRelease(ReleaseView):
    """Attributes:
    level: of what changed since the release before.
    """

    level: str
    breaking: bool
