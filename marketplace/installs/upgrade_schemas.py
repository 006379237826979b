from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from kernel.contracts.plugin_uses import UsePlace
from marketplace.installs.schemas import InstallView
from marketplace.versions.schemas import VersionChangesView

VersionText = Annotated[str, Field(pattern=r"^[0-9A-Za-z.-]{1,64}$")]
FlowId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class UpgradeBody(BaseModel):
    """`consent_scopes` null: what was consented to for `from_version` is enough. `publish` publishes the flows moved,
    where their drafts hold no other changes.
    """

    model_config = ConfigDict(extra="forbid")

    from_version: VersionText
    to_version: VersionText
    consent_scopes: Annotated[list[Annotated[str, Field(max_length=128)]], Field(max_length=100)] | None = None
    flows: Annotated[list[FlowId], Field(max_length=1_000)] = []
    publish: bool = False


class PluginUseView(BaseModel):
    """`nodes` are empty where only a flow inside runs the version; `flow_id` is, of a task of a plugin alone."""

    flow_id: str
    flow_name: str
    place: UsePlace
    version: str
    nodes: list[str]
    revision: int | None
    tasks: int


class BreakageView(BaseModel):
    node: str
    field: str
    problem: str
    remedy: str


class BrokenFlowView(BaseModel):
    flow_id: str
    place: UsePlace
    breakages: list[BreakageView]


class UpgradePlanView(VersionChangesView):
    """`added_scopes` must be consented to; `refusal` says why the version may not be installed."""

    from_version: str
    to_version: str
    refusal: str | None
    uses: list[PluginUseView]
    broken: list[BrokenFlowView]


class FlowTakenBackView(BaseModel):
    """`published`: the older version is published as well, not only put into the draft."""

    flow_id: str
    flow_name: str
    published: bool


class RollbackPlanView(UpgradePlanView):
    """The way back from `from_version`, which the last upgrade moved to; `flows` are those it takes back."""

    made_by: str
    made_at: datetime
    automatic: bool
    flows: list[FlowTakenBackView]


class MovedFlowView(BaseModel):
    """`revision` null: not published; `note` says why nothing was moved or published."""

    flow_id: str
    flow_name: str
    nodes: list[str]
    draft_version: int | None
    revision: int | None
    note: str


class UpgradeView(BaseModel):
    plugin: str
    from_version: str
    to_version: str
    automatic: bool
    made_by: str
    made_at: datetime
    undone_by: str | None
    undone_at: datetime | None


class UpgradedView(UpgradeView):
    """`install` is the one flows run from now on."""

    install: InstallView
    flows: list[MovedFlowView]


class UsesView(BaseModel):
    items: list[PluginUseView]


class UpgradesView(BaseModel):
    items: list[UpgradeView]


class UpdatedView(BaseModel):
    items: list[UpgradedView]
