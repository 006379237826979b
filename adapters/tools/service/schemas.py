"""What the tools are asked and answer."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

MOST_SECONDS = 25
"""Less than the gateway waits for an answer."""
Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


class Asked(BaseModel):
    """Parameters: what a component doesn't know it passes over, since clients send their credentials here too."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Header(Asked):
    name: str = Field(min_length=1, max_length=100)
    value: str = Field(default="", max_length=8000)


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


class HttpRequest(Asked):
    method: Annotated[Method, BeforeValidator(_upper, json_schema_input_type=str)] = "GET"
    url: str = Field(min_length=1, max_length=4000, description="Of an origin that an operator listed.")
    headers: list[Header] = Field(default_factory=list, max_length=50)
    secret_header: str = Field(default="", max_length=100, description="The header that `secret` is sent as.")
    secret: str = Field(default="", max_length=8000)
    body: str = Field(default="", max_length=1_000_000, description="JSON, unless a Content-Type says otherwise.")
    timeout: int = Field(default=MOST_SECONDS, ge=1, le=MOST_SECONDS, description="Seconds.")
    expected_status: str = Field(
        default="200-299",
        max_length=200,
        pattern=r"^\d{3}(-\d{3})?(,\s*\d{3}(-\d{3})?)*$",
        description="`200-299, 404`",
    )
    success: str = Field(
        default="", max_length=4000, description="A condition in CEL over `resp`, the answer's JSON, and `status_code`."
    )


class HttpAnswer(BaseModel):
    status_code: int
    headers: dict[str, str] = Field(description="Names in lower case; of a repeated one the last.")
    data: Any = Field(description="The JSON of the answer, or its text.")


class Display(Asked):
    message: Any = Field(default="", description="Text, or any value.")


class Displayed(BaseModel):
    message: Any
