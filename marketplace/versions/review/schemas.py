from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from kernel.http.field_problems import FieldProblemView, SaidView
from marketplace.legacy_forms.schemas import FormScriptView
from marketplace.versions.checks import CheckName, CheckResult
from marketplace.versions.schemas import PluginFormView, VersionChangesView


class SubmissionState(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class ReviewCheckView(BaseModel):
    """`reasons` are what a person has to agree to."""

    name: CheckName
    result: CheckResult
    problems: list[FieldProblemView] = []
    reasons: list[SaidView] = []


class CheckReport(BaseModel):
    """What publishing would come to; `code` and `version` are null where the package can't be read."""

    publishable: bool
    code: str | None
    version: str | None
    digest: str | None
    checks: list[ReviewCheckView]


class SubmissionView(BaseModel):
    id: str
    code: str
    version: str
    publisher: str
    digest: str
    channel: str
    state: SubmissionState
    reasons: list[SaidView]
    checks: list[ReviewCheckView]
    submitted_by: str
    submitted_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    comment: str | None


class SubmissionChangesView(VersionChangesView):
    """`before` is the published version it stands beside; null of a first one, to which all is new."""

    before: str | None


class SubmissionPreviewView(BaseModel):
    """What users of the version would read and fill in; `form_script` is null of a package without a form.js."""

    readme: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    form: PluginFormView
    form_script: FormScriptView | None


class DecisionBody(BaseModel):
    """`comment` is told to whoever submitted the package; a rejection needs one."""

    model_config = ConfigDict(extra="forbid")

    comment: Annotated[str, Field(max_length=1000, pattern=r"^[^\x00]*$")] = ""
