"""What an importer makes of a document, whatever its format."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kernel.errors import FieldProblem


@dataclass(frozen=True, slots=True)
class ParameterDefinition:
    """A parameter outside the body. `location` is path, query, header or cookie; `schema` JSON Schema 2020-12."""

    name: str
    location: str
    required: bool
    schema: Mapping[str, Any]
    description: str = ""

    def document(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "in": self.location,
            "required": self.required,
            "schema": dict(self.schema),
            "description": self.description,
        }


@dataclass(frozen=True, slots=True)
class ComponentDefinition:
    """One callable operation.

    Attributes:
        path: a template whose parameters are whole segments.
        scopes: all needed; each begins with the system's name.
        is_read: changes nothing.
        body_schema: of the JSON body; self-contained JSON Schema 2020-12.
        response_schema: of the successful JSON answer.
    """

    name: str
    method: str
    path: str
    title: str
    description: str
    scopes: tuple[str, ...]
    is_read: bool
    parameters: tuple[ParameterDefinition, ...] = ()
    body_schema: Mapping[str, Any] | None = None
    response_schema: Mapping[str, Any] | None = None

    def document(self) -> dict[str, Any]:
        """All of it as JSON; equal documents are equal components."""
        return {
            "name": self.name,
            "method": self.method,
            "path": self.path,
            "title": self.title,
            "description": self.description,
            "scopes": list(self.scopes),
            "is_read": self.is_read,
            "parameters": [parameter.document() for parameter in self.parameters],
            "body_schema": self.body_schema,
            "response_schema": self.response_schema,
        }


@dataclass(frozen=True, slots=True)
class ImportedDocument:
    """Attributes:
    problems: when there is one, nothing of the document may be used.
    """

    title: str = ""
    description: str = ""
    components: tuple[ComponentDefinition, ...] = ()
    problems: tuple[FieldProblem, ...] = ()
