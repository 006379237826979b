from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from orchestrator.sops.tasks.schemas import OfTask

NodeId = Annotated[str, Field(min_length=1, max_length=2048)]


def _read_stack(value: Any) -> Any:
    """`["outer", "inner"]` as a text; an empty one is none."""
    return [] if value in ("", None) else value


class OfNode(OfTask):
    """`subprocess_stack` are the nodes it lies in, the outermost first, where `node_id` doesn't say so itself."""

    node_id: NodeId
    subprocess_stack: Annotated[list[str], BeforeValidator(_read_stack), Field(max_length=20)] = Field(
        default_factory=list
    )

    @property
    def path(self) -> str:
        return self.node_id if "." in self.node_id else ".".join([*self.subprocess_stack, self.node_id])


class GetNode(OfNode):
    """`loop` is the n-th time the node was reached; the latest when left out."""

    loop: Annotated[int, Field(ge=1)] | None = None


class GetNodeData(GetNode):
    """With `template_node_id`, as the tree of a task tells it, how long that node took in the template's last tasks is
    told too.
    """

    template_node_id: str = Field(default="", max_length=2048)


class GetNodeLog(OfNode):
    """`version` is the attempt's, as `get_task_status` tells it; the latest when left out. Pages are of lines; all of
    them when `page_size` is left out.
    """

    version: str = Field(default="", max_length=64)
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=10_000)] | None = None


class GetPluginLog(OfNode):
    """`trace_id` is the node's output of that name, or the attempt's `version`. `scroll_id` is what the part before was
    answered with; the first when left out.
    """

    plugin_code: Annotated[str, Field(min_length=1, max_length=200)]
    trace_id: Annotated[str, Field(min_length=1, max_length=200)]
    scroll_id: Annotated[str, Field(pattern=r"^[0-9]{0,9}$")] = ""


class OperateNode(OfNode):
    """Attributes:
    data: what a callback brings.
    inputs: replace those of the same names at a retry.
    flow_id, flow_ids: the ways to go behind a gateway.
    """

    action: Literal[
        "callback", "retry", "skip", "skip_exg", "skip_cpg", "forced_fail", "pause", "resume",
        "pause_subproc", "resume_subproc", "retry_subprocess",
    ]  # fmt: skip
    data: dict[str, Any] = Field(default_factory=dict)
    inputs: dict[str, Any] = Field(default_factory=dict)
    flow_id: str = Field(default="", max_length=200)
    flow_ids: list[str] = Field(default_factory=list, max_length=1000)


class NodeCallback(OfNode):
    """`version`, when given, must be that of the node as `get_task_status` tells it."""

    callback_data: dict[str, Any] = Field(default_factory=dict)
    version: str = Field(default="", max_length=64)


class Output(BaseModel):
    key: str
    name: str
    value: Any
    preset: bool = True


class NodeRun(BaseModel):
    """One attempt."""

    state: str
    retry: int
    loop: int
    skip: bool
    error_ignorable: bool
    version: str
    start_time: str
    finish_time: str
    elapsed_time: int
    inputs: dict[str, Any]
    outputs: list[Output]
    ex_data: str | None


class NodeDetail(NodeRun):
    """The latest attempt; `histories` are those before it."""

    id: str
    name: str
    histories: list[NodeRun]
    children: dict[str, Any] = Field(default_factory=dict)


class ExecutionTime(BaseModel):
    """When a node had finished, and after how many seconds."""

    archived_time: str
    elapsed_time: int


class NodeData(BaseModel):
    """`execution_time` is left out unless it is asked for; the latest first."""

    inputs: dict[str, Any]
    outputs: list[Output]
    ex_data: str
    execution_time: list[ExecutionTime] = Field(default_factory=list)


class PluginLog(BaseModel):
    """`logs` is empty once everything was told, `total` how many lines there are."""

    logs: str
    total: int
    scroll_id: str
