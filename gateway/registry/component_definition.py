"""What a component is: the same in a draft, in a release, in an export and in what an importer makes of a document."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Self

DEFAULT_UPSTREAM = "default"
MOST_SAMPLES = 50


@dataclass(frozen=True, slots=True)
class ParameterDefinition:
    """A parameter outside the body. `location` is path, query, header or cookie; `schema` JSON Schema 2020-12.

    `style` and `explode` say how a list is written, as in OpenAPI; none means what is usual at the location.
    """

    name: str
    location: str
    required: bool
    schema: Mapping[str, Any]
    description: str = ""
    style: str | None = None
    explode: bool | None = None

    def document(self) -> dict[str, Any]:
        spelling = {"style": self.style, "explode": self.explode}
        return {
            "name": self.name,
            "in": self.location,
            "required": self.required,
            "schema": dict(self.schema),
            "description": self.description,
        } | {name: value for name, value in spelling.items() if value is not None}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        return cls(
            name=document["name"],
            location=document["in"],
            required=document["required"],
            schema=document["schema"],
            description=document.get("description", ""),
            style=document.get("style"),
            explode=document.get("explode"),
        )


@dataclass(frozen=True, slots=True)
class ComponentDefinition:
    """One callable operation.

    Attributes:
        path: a template whose parameters are whole segments.
        scopes: all needed; each begins with the system's name.
        is_read: changes nothing.
        body_schema: of the JSON body; self-contained JSON Schema 2020-12.
        response_schema: of the successful JSON answer.
        match_subpath: serves everything below its path too, and hands the rest of the path on.
        upstream: which of the stage's upstreams answers.
        upstream_method: none means the method it is called with; so does `upstream_path`.
        mapping: where the upstream's parameters come from, see `gateway.snapshot.model.mapping`.
        timeout: seconds; none means the upstream's.
        mock: the answer of a component that has no upstream: `{"status", "headers", "body"}`.
        policies: `{"kind", "config"}` each.
        texts: by language, `zh` and `en`: `{"title", "description", "doc"}`, `doc` being Markdown.
        samples: recorded requests and what must be answered, see `gateway.registry.trials.samples`.
        is_public: shown in the catalogue.
        allow_apply: grants may be applied for; otherwise the owner gives them unasked.
    """

    name: str
    method: str
    path: str
    title: str = ""
    description: str = ""
    scopes: tuple[str, ...] = ()
    is_read: bool = False
    parameters: tuple[ParameterDefinition, ...] = ()
    body_schema: Mapping[str, Any] | None = None
    response_schema: Mapping[str, Any] | None = None
    match_subpath: bool = False
    enable_websocket: bool = False
    upstream: str = DEFAULT_UPSTREAM
    upstream_method: str | None = None
    upstream_path: str | None = None
    mapping: tuple[Mapping[str, Any], ...] = ()
    timeout: float | None = None
    mock: Mapping[str, Any] | None = None
    policies: tuple[Mapping[str, Any], ...] = ()
    app_required: bool = True
    user_required: bool = False
    grant_required: bool = True
    is_public: bool = True
    allow_apply: bool = True
    labels: tuple[str, ...] = ()
    texts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    samples: tuple[Mapping[str, Any], ...] = ()

    @property
    def is_get(self) -> bool:
        """Called without a body."""
        return self.method in {"GET", "HEAD"}

    def columns(self) -> dict[str, Any]:
        """All of it, as the tables have it."""
        values = {each.name: _plain(getattr(self, each.name)) for each in fields(self)}
        return values | {"parameters": [parameter.document() for parameter in self.parameters]}

    @classmethod
    def from_columns(cls, row: Any) -> Self:
        """The definition in a row of a table, or in anything with the same attributes."""
        values = {each.name: _frozen(getattr(row, each.name)) for each in fields(cls)}
        return cls(**values | {"parameters": tuple(map(ParameterDefinition.from_document, row.parameters))})

    def document(self) -> dict[str, Any]:
        """All of it as JSON; equal documents are equal components. What is usual is left out, but for the oldest."""
        columns = self.columns()
        return {name: value for name, value in columns.items() if name in _ALWAYS or value != _USUAL[name]}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, Mapping) else value


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


# A release's digest is made of its components' documents: these members stood in every document from the beginning.
_ALWAYS = frozenset(
    {
        "name", "method", "path", "title", "description", "scopes", "is_read", "parameters", "body_schema",
        "response_schema",
    }
)  # fmt: skip
_USUAL = {
    each.name: _plain(each.default_factory() if each.default_factory is not MISSING else each.default)
    for each in fields(ComponentDefinition)
}
