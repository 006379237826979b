from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from orchestrator.notices.schemas import Url
from orchestrator.sops.schemas import InProject, Number

_Secret = Annotated[str, Field(max_length=4000, repr=False, pattern=r"^[\x20-\x7e]*$")]
_Lower = BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)
_OURS = frozenset(
    {
        "connection", "content-encoding", "content-length", "expect", "host", "keep-alive", "proxy-authenticate",
        "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip
"""Headers that say how a message travels, not who sends it."""


class _Known(BaseModel):
    """What it doesn't know it refuses: a setting that does nothing would be taken for one that does."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Authorization(_Known):
    """By name and password, or by a token; with no type by neither."""

    type: Annotated[Literal["", "basic", "bearer"], _Lower] = ""
    username: Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f:]*$")] = ""
    password: _Secret = ""
    token: _Secret = ""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.type == "basic" and not (self.username and self.password):
            raise ValueError("basic needs username and password")
        if self.type == "bearer" and not self.token:
            raise ValueError("bearer needs a token")
        return self


class Header(_Known):
    """`doc` is for people, and not kept."""

    key: Annotated[str, Field(max_length=100, pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
    value: _Secret = ""
    doc: Annotated[str, Field(max_length=1000)] = ""

    @model_validator(mode="after")
    def _may_be_set(self) -> Self:
        name = self.key.lower()
        if name in _OURS:
            raise ValueError(f"{self.key} says how the message travels: leave it out")
        if name == "content-type" and self.value.partition(";")[0].strip().lower() != "application/json":
            raise ValueError("messages are application/json: leave Content-Type out")
        return self


def _listed(value: Any) -> Any:
    """An object of names and values means the same as a list."""
    return [{"key": key, "value": each} for key, each in value.items()] if isinstance(value, dict) else value


class ExtraInfo(_Known):
    """`timeout` and `interval` are seconds."""

    authorization: Authorization | None = None
    headers: Annotated[
        list[Header],
        BeforeValidator(_listed, json_schema_input_type=list[Header] | dict[str, str]),
        Field(max_length=50),
    ] = Field(default_factory=list)
    timeout: Annotated[int, Field(ge=1, le=10)] = 10
    retry_times: Annotated[int, Field(ge=0, le=5)] = 2
    interval: Annotated[int, Field(ge=1, le=600)] = 2


class ApplyWebhooks(InProject):
    """Replaces what the templates had; with `enable_webhook` false they have none any more. `*` are both events."""

    enable_webhook: bool = True
    endpoint: Url = ""
    method: Annotated[Literal["post"], _Lower] = "post"
    events: Annotated[list[Literal["*", "task_failed", "task_finished"]], Field(max_length=3)] = Field(
        default_factory=list
    )
    extra_info: ExtraInfo = Field(default_factory=ExtraInfo)
    template_ids: Annotated[list[Number], Field(min_length=1, max_length=200)]

    @field_validator("extra_info", mode="before")
    @classmethod
    def _none_is_nothing(cls, value: Any) -> Any:
        return {} if value is None else value
