from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from orchestrator.flows.schemas import Body


class NodeMockBody(Body):
    """`real` calls the node's plugin. Otherwise it gives `outputs`, or fails with `error`, and nothing leaves."""

    mode: Literal["mock", "real"] = "mock"
    outputs: dict[str, Any] = Field(default_factory=dict)
    error: Annotated[str, Field(max_length=2000)] = ""


class MockRunBody(Body):
    """`nodes` by path (`check.df` is in the flow that `check` runs); plugin nodes that are not named give nothing.
    `consent` to what the real ones do.
    """

    inputs: dict[str, Any] = Field(default_factory=dict)
    nodes: Annotated[dict[str, NodeMockBody], Field(max_length=10_000)] = Field(default_factory=dict)
    consent: bool = False


class TryNodeBody(Body):
    """`consent` to what the plugin does."""

    inputs: dict[str, Any] = Field(default_factory=dict)
    consent: bool = False


class RecordedOutputsView(BaseModel):
    task_id: str
    at: datetime
    outputs: dict[str, Any]


class RecordedOutputsList(BaseModel):
    """By path of the node, the newest first."""

    nodes: dict[str, list[RecordedOutputsView]]
