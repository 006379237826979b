from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from kernel.names import NameRule
from orchestrator.flow.reading import MAX_USERNAME
from orchestrator.sops.schemas import Asked, InProject, Number

Source = Literal["business", "project", "common"]
"""Where a template is kept; common ones are those that are shared with the project."""
Name = Annotated[str, Field(min_length=1, max_length=200), NameRule]
Kind = Annotated[str, Field(max_length=32)]
MAX_TREE = 5_000_000
MOST_COPIED = 10


def _text(value: Any) -> Any:
    """The text of a whole number."""
    return str(value) if type(value) is int else value


def _numbers(value: Any) -> Any:
    """A list of numbers, or a text of them between commas."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Numbers = Annotated[
    list[Number], BeforeValidator(_numbers, json_schema_input_type=list[int] | str), Field(max_length=1000)
]


class AsksMore(Asked):
    """What is told of templates besides."""

    include_executor_proxy: bool = False
    include_notify: bool = False


class ListTemplates(InProject, AsksMore):
    template_source: Source = "business"
    id_in: Numbers | None = None
    name_keyword: str = Field(default="", max_length=200)
    include_labels: bool = False


class OfTemplate(InProject):
    template_id: Number
    template_source: Source = "business"


class AsksTree(AsksMore):
    """`unfold_subprocess` has sub-processes carry their trees, as `pipeline`."""

    format: Literal["json", "yaml"] = "json"
    unfold_subprocess: bool = False
    include_subprocess: bool = False
    include_constants: bool = False


class GetTemplate(OfTemplate, AsksTree):
    """One of a project's templates."""


class ListSchemes(OfTemplate):
    with_constants: bool = False


class ListCommonTemplates(AsksMore):
    id_in: Numbers | None = None
    name_keyword: str = Field(default="", max_length=200)


class OfCommonTemplate(AsksTree):
    template_id: Number


class CreateTemplate(InProject):
    """`pipeline_tree` is a tree, the JSON of one, or with `format` `yaml` a document in YAML. `executor_proxy` is whom
    the template names, before what that says.
    """

    pipeline_tree: dict[str, Any] | Annotated[str, Field(min_length=1, max_length=MAX_TREE)]
    format: Literal["json", "yaml"] = "json"
    name: Name | None = None
    description: str = Field(default="", max_length=2000)
    executor_proxy: Annotated[str, Field(max_length=MAX_USERNAME)] = ""


class ImportTemplates(InProject):
    """`template_data` is the content of an exported file."""

    template_data: Annotated[str, Field(min_length=1, max_length=MAX_TREE * 2)]
    override: Literal[False] = False


class ImportCommonTemplates(ImportTemplates):
    """Those of the project that owns them, shared with all."""

    bk_biz_id: Annotated[
        str,
        # It stands in no path here: the body of a client says 2, not "2".
        BeforeValidator(_text, json_schema_input_type=str | int),
        Field(max_length=64, description="As elsewhere; it must be named."),
    ] = ""


class CopyTemplates(InProject):
    """`new_project_id` is the number of the project that gets them."""

    new_project_id: Number
    template_ids: Annotated[
        list[Number],
        BeforeValidator(_numbers, json_schema_input_type=list[int] | str),
        Field(min_length=1, max_length=MOST_COPIED),
    ]


class PreviewTree(OfTemplate):
    version: str = Field(default="", max_length=32)
    exclude_task_nodes_id: list[str] = Field(default_factory=list, max_length=10_000)


class PreviewCommonTree(PreviewTree):
    template_source: Source = "common"


class SchemeRow(BaseModel):
    """`id` is what tasks are made by; `data` the JSON of a list of the optional nodes that run."""

    id: str
    name: str
    data: str


class SchemeVariables(BaseModel):
    """The variables that the nodes which run, and the outputs, name."""

    constants: dict[str, Any]


class DetailedScheme(SchemeRow):
    detail: SchemeVariables


class TemplateFacts(BaseModel):
    """`version` is the number of the flow's latest revision."""

    id: int
    name: str
    description: str
    category: str
    creator: str
    create_time: str
    editor: str
    edit_time: str
    version: str
    auth_actions: list[str]


class TemplateLabel(BaseModel):
    label_id: int
    name: str
    color: str


class NotifyKinds(BaseModel):
    """The kinds by which people are told when a task has finished, and when it has failed."""

    success: Annotated[list[Kind], Field(max_length=20)] = Field(default_factory=list)
    fail: Annotated[list[Kind], Field(max_length=20)] = Field(default_factory=list)


class NotifyReceivers(BaseModel):
    """Names of notice groups, and of people between commas."""

    receiver_group: Annotated[list[Name], Field(max_length=20)] = Field(default_factory=list)
    more_receiver: Annotated[str, Field(max_length=10_000)] = ""


class ModifyNotify(InProject):
    template_id: Number
    notify_type: NotifyKinds = Field(default_factory=NotifyKinds)
    notify_receivers: NotifyReceivers = Field(default_factory=NotifyReceivers)
    common: bool = False


class ModifiedNotify(BaseModel):
    template_id: int
    notify_type: NotifyKinds
    notify_receivers: NotifyReceivers


class NamedConstant(BaseModel):
    """`activity_count` is how many activities name it."""

    name: str
    key: str
    show_type: str
    constant_type: str
    activity_count: int


class Besides(BaseModel):
    """What is not asked for is left out. `subprocess_has_update`: a flow that is run inside has a newer revision than
    the one it is pinned to.
    """

    executor_proxy: str = ""
    notify_type: NotifyKinds | None = None
    notify_receivers: NotifyReceivers | None = None
    has_subprocess: bool = False
    subprocess_has_update: bool = False
    template_constants: list[NamedConstant] = Field(default_factory=list)


class TemplateSummary(TemplateFacts):
    bk_biz_id: int | None
    bk_biz_name: str
    project_id: int
    project_name: str


class ListedTemplate(TemplateSummary, Besides):
    """As it lies in the list; common ones have no `labels` here."""

    labels: list[TemplateLabel] = Field(default_factory=list)


class DescribedTemplate(TemplateSummary, Besides):
    pipeline_tree: dict[str, Any] | str


class CommonTemplateSummary(TemplateFacts, Besides):
    """Of a flow that is shared."""


class CommonTemplateDetail(CommonTemplateSummary):
    pipeline_tree: dict[str, Any] | str


class CreatedTemplate(BaseModel):
    """`pipeline_template_id` is the flow's own id."""

    template_id: int
    template_name: str
    pipeline_template_id: str


class ImportedTemplates(BaseModel):
    """Attributes:
    flows: number → name.
    drafts: those that can't be run before somebody has finished them.
    remarks: what is not plainly the same, by the name of the template.
    """

    count: int
    flows: dict[int, str]
    drafts: list[int]
    remarks: dict[str, list[str]]


class Preview(BaseModel):
    pipeline_tree: dict[str, Any]
    constants_not_referred: dict[str, Any]
