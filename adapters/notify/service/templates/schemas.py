"""What is asked and answered about templates."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from adapters.notify.service.content import BodyFormat
from adapters.notify.service.schemas import Asked, Line
from adapters.notify.service.templates.rendering import Language

TemplateName = Annotated[str, Field(min_length=2, max_length=64, pattern=r"^[a-z][a-z0-9_.-]*$")]
Values = Annotated[dict[str, Any], Field(description="What stands for `${name}` and `${name.member}`.")]


class TemplateText(Asked):
    title: Annotated[Line, Field(max_length=512)] = ""
    content: Annotated[str, Field(min_length=1, max_length=200_000)]


class SaveTemplate(Asked):
    """Makes the next version; earlier ones stay as they are."""

    name: TemplateName
    description: Annotated[Line, Field(max_length=500)] = ""
    body_format: BodyFormat = "Html"
    texts: dict[Language, TemplateText] = Field(min_length=1, description="By language: en, zh, or both.")


class OfTemplate(Asked):
    name: TemplateName
    version: int | None = Field(default=None, ge=1, le=1_000_000, description="The newest when left out.")


class TemplateOnly(Asked):
    name: TemplateName


class PreviewTemplate(Asked):
    """Of a kept template, or of texts that are still being written."""

    name: TemplateName | None = None
    version: int | None = Field(default=None, ge=1, le=1_000_000)
    text: TemplateText | None = Field(default=None, description="Instead of a kept template.")
    body_format: BodyFormat = "Html"
    language: Language = "en"
    values: Values = Field(default_factory=dict)


class TemplateSummary(BaseModel):
    name: str
    version: int
    description: str
    body_format: str
    languages: list[str]
    created_by: str
    created_at: str


class TemplateView(TemplateSummary):
    texts: dict[str, TemplateText]
    values: list[str] = Field(description="The values it needs.")
    versions: list[int] = Field(description="All that there are, newest first.")


class TemplateVersionName(BaseModel):
    name: str
    version: int


class Preview(BaseModel):
    title: str
    content: str = Field(description="As it is sent; HTML made safe.")
    plain_text: str = Field(description="As those read it who see no HTML.")
