"""What BlueKing's clients send. Members that mean nothing here are passed over, as newer clients know more of them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gateway.fields import AppCode, ComponentName, Input, ReleaseVersion, Time, View
from kernel.names import NameRule

FreeText = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=4000)]
StageName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,19}$")]
Dimension = Literal["gateway", "resource", "api"]


class _Input(BaseModel):
    model_config = ConfigDict(extra="ignore")


class GatewayInput(_Input):
    """Attributes:
    maintainers: those who are users here may manage the system from then on.
    """

    description: FreeText | None = None
    description_en: FreeText | None = None
    maintainers: list[str] = []


class ResourcesInput(_Input):
    """Attributes:
    content: a resources.yaml. delete: takes away the components it doesn't name.
    """

    content: Annotated[str, Field(min_length=1)]
    delete: bool = False


class VersionInput(_Input):
    version: ReleaseVersion
    comment: Annotated[FreeText, Field(max_length=500)] | None = None


class ReleaseInput(_Input):
    """Attributes:
    stage_names: empty means all stages.
    """

    version: ReleaseVersion
    stage_names: list[StageName] = []
    comment: Annotated[FreeText, Field(max_length=500)] | None = None


class RelatedAppsInput(_Input):
    related_app_codes: Annotated[list[AppCode], Field(min_length=1, max_length=10)]


class GrantInput(_Input):
    """Attributes:
    expire_days: left out or null, without end.
    """

    target_app_code: AppCode
    grant_dimension: Dimension = "gateway"
    resource_names: Annotated[list[ComponentName], Field(max_length=500)] = []
    expire_days: Annotated[int, Field(ge=0, le=36_500)] | None = None


class ApplicationInput(_Input):
    target_app_code: AppCode
    grant_dimension: Dimension = "gateway"
    resource_names: Annotated[list[ComponentName], Field(max_length=500)] = []
    expire_days: Literal[0, 180, 360] | None = 180
    reason: FreeText = ""


class McpServerInput(BaseModel):
    """Attributes:
    status: 1 is on, 0 is off.
    """

    model_config = ConfigDict(extra="ignore")

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{1,63}$")]
    title: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=200), NameRule] = ""
    description: FreeText = ""
    status: Literal[0, 1] = 1
    raw_response_enabled: bool = False
    resource_names: Annotated[list[ComponentName], Field(min_length=1, max_length=500)]


class McpServersInput(_Input):
    mcp_servers: Annotated[list[McpServerInput], Field(max_length=100)] = []


class RelatedAppView(View):
    app_code: str
    added_by: str
    created_at: Time


class CompatibilityInput(Input):
    """Attributes:
    self_service: the system's components answer by method and path at `/api/c/self-service-api/{path}` too.
    parameter_credentials: BlueKing's credentials count in query and body of the unified endpoint; they then stand in
        the logs of whatever is in front.
    """

    self_service: bool
    parameter_credentials: bool


class CompatibilityView(View):
    self_service: bool
    parameter_credentials: bool
