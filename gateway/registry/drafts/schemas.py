from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, StringConstraints, model_serializer

from gateway.fields import COMPONENT_NAME, ComponentName, Input, Line, Markdown, Time, View
from gateway.registry.component_definition import (
    DEFAULT_UPSTREAM,
    MOST_SAMPLES,
    ComponentDefinition,
    ParameterDefinition,
)
from gateway.registry.upstreams.schemas import UPSTREAM_NAME
from kernel.names import NameRule

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "ANY"]
UpstreamMethod = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
Path = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=r"^[\x21-\x7e]+$")]
Scope = Annotated[str, StringConstraints(min_length=1, max_length=128)]
Label = Annotated[
    str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]+$", max_length=50, strip_whitespace=True), NameRule
]
ParameterName = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")]
Description = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=10_000)]
Schema = dict[str, Any]
HeaderName = Annotated[str, StringConstraints(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$")]
HeaderValue = Annotated[str, StringConstraints(pattern=r"^[\x20-\x7e]*$", max_length=4000)]
SampleValue = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=4000)]
Style = Literal["form", "simple", "spaceDelimited", "pipeDelimited", "deepObject", "label", "matrix"]


class Parameter(Input):
    """A parameter outside the body, as OpenAPI describes one; `style` and `explode` say how a list is written."""

    name: ParameterName
    location: Annotated[Literal["path", "query", "header", "cookie"], Field(alias="in")]
    required: bool = False
    schema_: Annotated[Schema, Field(alias="schema", default_factory=dict)]
    description: Description = ""
    style: Style | None = None
    explode: bool | None = None


class Texts(Input):
    """Texts in one language; `doc` is Markdown."""

    title: Line = ""
    description: Description = ""
    doc: Markdown = ""


class Mock(Input):
    """The answer of a component that has no upstream yet."""

    status: Annotated[int, Field(ge=200, le=599)] = 200
    headers: Annotated[dict[str, str], Field(default_factory=dict, max_length=50)]
    body: Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=100_000)] = ""


class Sample(Input):
    """A recorded request, and what must be answered: `expect` names the status, and a part of the JSON answer."""

    name: ComponentName
    request: "SampleRequest"
    expect: "Expectation"


class SampleRequest(Input):
    """Attributes:
    path: a value for each parameter of the path; `*` is what follows a component that matches sub-paths.
    body: a JSON value; null sends none.
    method: for a component that answers any; otherwise its own.
    """

    path: Annotated[dict[ParameterName, SampleValue], Field(default_factory=dict, max_length=50)]
    query: Annotated[dict[ParameterName, SampleValue | list[SampleValue]], Field(default_factory=dict, max_length=100)]
    headers: Annotated[dict[HeaderName, HeaderValue], Field(default_factory=dict, max_length=50)]
    body: Any = None
    method: UpstreamMethod | None = None

    @model_serializer(mode="wrap")
    def _without_usual_method(self, serialise: SerializerFunctionWrapHandler) -> dict[str, Any]:
        document: dict[str, Any] = serialise(self)
        if self.method is None:
            document.pop("method", None)
        return document


class Expectation(Input):
    status: Annotated[int, Field(ge=200, le=599)] = 200
    json_: Annotated[Any, Field(alias="json")] = None


class Component(Input):
    """A component's definition: docs/reference/component-definition.md.

    Attributes:
        scopes: all needed; left out, `<system>:read` or `<system>:write`.
        is_read: changes nothing; left out, what the method says.
    """

    method: Method
    path: Path
    title: Line = ""
    description: Description = ""
    scopes: Annotated[list[Scope], Field(max_length=20)] | None = None
    is_read: bool | None = None
    parameters: Annotated[list[Parameter], Field(default_factory=list, max_length=200)]
    body_schema: Schema | None = None
    response_schema: Schema | None = None
    match_subpath: bool = False
    enable_websocket: bool = False
    upstream: Annotated[str, StringConstraints(pattern=UPSTREAM_NAME)] = DEFAULT_UPSTREAM
    upstream_method: UpstreamMethod | None = None
    upstream_path: Path | None = None
    mapping: Annotated[list[dict[str, Any]], Field(default_factory=list, max_length=100)]
    timeout: Annotated[float, Field(ge=0.05, le=3600, allow_inf_nan=False)] | None = None
    mock: Mock | None = None
    policies: Annotated[list[dict[str, Any]], Field(default_factory=list, max_length=50)]
    app_required: bool = True
    user_required: bool = False
    grant_required: bool = True
    is_public: bool = True
    allow_apply: bool = True
    labels: Annotated[list[Label], Field(default_factory=list, max_length=50)]
    texts: Annotated[dict[Literal["zh", "en"], Texts], Field(default_factory=dict)]
    samples: Annotated[list[Sample], Field(default_factory=list, max_length=MOST_SAMPLES)]

    def definition(self, system: str, name: str) -> ComponentDefinition:
        given = self.model_dump(by_alias=True, exclude={"name", "parameters", "texts", "scopes", "is_read"})
        is_read = self.is_read if self.is_read is not None else self.method in {"GET", "HEAD"}
        scopes = self.scopes or [f"{system}:{'read' if is_read else 'write'}"]
        values: dict[str, Any] = {
            member: tuple(value) if isinstance(value, list) else value for member, value in given.items()
        }
        return ComponentDefinition(
            name=name,
            scopes=tuple(dict.fromkeys(scopes)),
            is_read=is_read,
            parameters=tuple(
                ParameterDefinition(
                    name=each.name,
                    location=each.location,
                    required=each.required or each.location == "path",
                    schema=each.schema_,
                    description=each.description,
                    style=each.style,
                    explode=each.explode,
                )
                for each in self.parameters
            ),
            texts={language: texts.model_dump(exclude_defaults=True) for language, texts in self.texts.items()},
            **values,
        )


class NamedComponent(Component):
    """A component with its name: how exports and lists have it."""

    name: Annotated[str, StringConstraints(pattern=COMPONENT_NAME)]


class CurlCommand(Input):
    command: Annotated[str, Field(min_length=1, max_length=100_000)]


class Note(View):
    field: str
    problem: str
    remedy: str


class ComponentProposal(View):
    """Attributes:
    base_url: a proposal for the upstream's address.
    notes: what was left out, and what to think of.
    """

    name: str
    component: dict[str, Any]
    base_url: str
    notes: list[Note]


class DraftComponentView(View):
    """Attributes:
    component: its definition without what is usual, as PUT takes it; with its name.
    """

    name: str
    component: dict[str, Any]
    updated_by: str
    updated_at: Time
