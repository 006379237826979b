from typing import Annotated, Any

from pydantic import BaseModel, Field

from kernel.http.field_problems import FieldProblemView
from orchestrator.flow.model import NodeKind
from orchestrator.flow.paths import MAX_PATH
from orchestrator.flows.schemas import Body, Name
from orchestrator.schemes.schemas import SchemeIds

ProjectName = Annotated[str, Field(min_length=1, max_length=128)]


class ProjectRef(BaseModel):
    id: str
    code: str
    name: str


class LaunchableView(BaseModel):
    flow_id: str
    project: ProjectRef
    name: str
    description: str
    revision: int


class InputsFormView(BaseModel):
    """As JSON Forms takes it; `schema` is JSON Schema 2020-12 of the inputs."""

    schema_: dict[str, Any] = Field(serialization_alias="schema")
    uischema: dict[str, Any] | None
    i18n: dict[str, dict[str, str]]


class OptionalNode(BaseModel):
    id: str
    name: str


class LaunchFormView(BaseModel):
    """`optional` nodes may be left out."""

    flow_id: str
    project_id: str
    revision: int
    name: str
    description: str
    form: InputsFormView
    optional: list[OptionalNode]


class LaunchBody(Body):
    """`revision` is the one whose form was filled in; the latest when left out. `leave_out` names optional nodes; of
    `schemes`, what all of them leave out is left out too. With `start` false the task waits for `:start`.

    `callback_url` is called, signed with the secret of the flow's notices, when the task has ended or failed, or waits
    for a person. `project` runs a common flow of another project in this one, by id or code.
    """

    name: Name | None = None
    inputs: dict[str, Any] = Field(default_factory=dict)
    revision: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)] | None = None
    leave_out: Annotated[list[str], Field(max_length=10_000)] = Field(default_factory=list)
    schemes: SchemeIds = Field(default_factory=list)
    start: bool = True
    callback_url: Annotated[str, Field(max_length=1000, pattern=r"^[\x21-\x7e]*$")] = ""
    project: ProjectName | None = None


class OnceBody(Body):
    """`definition` is one that no flow has. With `start` false the task waits for `:start`."""

    name: Name
    definition: dict[str, Any]
    inputs: dict[str, Any] = Field(default_factory=dict)
    start: bool = True


class LaunchPreviewBody(Body):
    """As `LaunchBody`."""

    revision: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)] | None = None
    leave_out: Annotated[list[str], Field(max_length=10_000)] = Field(default_factory=list)
    schemes: SchemeIds = Field(default_factory=list)
    project: ProjectName | None = None


class LaunchPreviewView(BaseModel):
    """`definition` is drawn as it would run."""

    revision: int
    definition: dict[str, Any]


class ReviewBody(LaunchPreviewBody):
    """As `LaunchBody`; inputs need be neither complete nor right."""

    name: Name | None = None
    inputs: dict[str, Any] = Field(default_factory=dict)


class StepPreviewView(BaseModel):
    """`inputs` with the values that are known now, and `${…}` where one is not; `waits_for`: what of nodes.

    `outputs` are those of a step that only reads and was asked now, `error` is why such a step gave none.
    """

    node_id: str
    name: str
    kind: NodeKind
    plugin: str
    inputs: dict[str, Any]
    waits_for: list[str]
    outputs: dict[str, Any] | None
    error: str


class ReviewView(BaseModel):
    """Without `problems` it can be launched; `advice` is what would keep steps from running, as things are."""

    revision: int
    problems: list[FieldProblemView]
    steps: list[StepPreviewView]
    advice: list[FieldProblemView]


class RerunBody(Body):
    """`node` is where the new task begins: its path, as the task's `nodes` have it, `sub.check` of one in a subflow.

    What is left out is as it was in the earlier task: its revision, its inputs as they were in the end, and the nodes
    it did without.
    """

    node: Annotated[str, Field(min_length=1, max_length=MAX_PATH, pattern=r"^[^\x00]*$")]
    name: Name | None = None
    inputs: dict[str, Any] | None = None
    revision: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)] | None = None
    leave_out: Annotated[list[str], Field(max_length=10_000)] | None = None
