"""What an importer makes of a document, whatever its format."""

from dataclasses import dataclass

from gateway.registry.component_definition import ComponentDefinition
from kernel.errors import FieldProblem

OPENAPI_MEMBERS = frozenset(
    {
        "name", "method", "path", "title", "description", "scopes", "is_read", "parameters", "body_schema",
        "response_schema",
    }
)  # fmt: skip
"""What every OpenAPI document says of a component."""


@dataclass(frozen=True, slots=True)
class ImportedDocument:
    """Attributes:
    problems: when there is one, nothing of the document may be used.
    notes: what it asks for that is not done here; the rest can be used.
    stated: the members of its components that the document speaks of; others keep what they are.
    """

    title: str = ""
    description: str = ""
    components: tuple[ComponentDefinition, ...] = ()
    problems: tuple[FieldProblem, ...] = ()
    notes: tuple[FieldProblem, ...] = ()
    stated: frozenset[str] = OPENAPI_MEMBERS
