from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from kernel.http.field_problems import FieldProblemView, SaidView
from marketplace.legacy_forms.conversion import Treatment
from marketplace.legacy_forms.reading import MAX_SOURCE
from marketplace.versions.schemas import PluginFormView

Code = Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\x00]+$")]
Language = Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ConvertBody(_Body):
    """Attributes:
    code: which form of several; by default the first that isn't the form of outputs.
    texts: translations by language of what the form gives to gettext.
    """

    source: Annotated[str, Field(max_length=MAX_SOURCE)]
    code: Code | None = None
    texts: Annotated[dict[Language, dict[str, str]], Field(max_length=20)] = {}


class CheckBody(_Body):
    """Attributes:
    context: what `$.context` knows where the form is filled in.
    hooked: dotted paths of fields bound to a variable, of which nothing is asked.
    """

    values: dict[str, Any]
    context: dict[str, Any] = {}
    hooked: Annotated[list[str], Field(max_length=1_000)] = []


class BehaviourView(BaseModel):
    place: str
    part: str
    treatment: Treatment
    uses: list[str]
    source: str


class FindingView(BaseModel):
    place: str
    part: str
    treatment: Treatment
    note: SaidView | None


class ReportView(BaseModel):
    """Attributes:
    requests: what the form would have asked the outside while it was read; nothing was sent.
    """

    counts: dict[Treatment, int]
    findings: list[FindingView]
    uses: list[str]
    texts: list[str]
    requests: list[str]


class FormScriptView(BaseModel):
    """A form.js: its text, the model it became, what of it runs, and what became of each part.

    Attributes:
        codes: all forms of the file; `code` is the one that is told of.
    """

    code: str
    codes: list[str] = []
    source: str
    form: PluginFormView
    behaviours: list[BehaviourView]
    report: ReportView


class FormCheckView(BaseModel):
    problems: list[FieldProblemView]
