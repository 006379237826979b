from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, StrictBool, StrictFloat, StrictInt, StrictStr

from kernel.names import NameRule
from orchestrator.flow.project_variables import NAME
from orchestrator.flows.schemas import Body, Description


def _some(value: Any) -> Any:
    """One refusal for what would be none of each of the kinds."""
    if value is None:
        raise ValueError("null is no value: send a text, a number, true or false, a list or an object")
    return value


VariableName = Annotated[str, Field(pattern=f"^{NAME.pattern}$")]
Value = Annotated[StrictBool | StrictInt | StrictFloat | StrictStr | list[Any] | dict[str, Any], BeforeValidator(_some)]
Kind = Literal["text", "number", "boolean", "list", "object"]


class ProjectVariableBody(Body):
    """`value` is a text, a number, true or false, a list or an object, of 64 KiB as JSON at most; no secret: what may
    see the project sees it, and tasks keep it.
    """

    name: VariableName
    title: Annotated[str, Field(max_length=200), NameRule] = ""
    description: Description = ""
    value: Value


class ProjectVariableChange(ProjectVariableBody):
    """`version` is the one that was read. Another `name` is refused while flows name it by the present one, unless
    `force` is true.
    """

    version: Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
    force: bool = False


class ProjectVariableView(BaseModel):
    """Flows name it `project.variables.<name>`; `kind` is that of its value."""

    name: str
    title: str
    description: str
    kind: Kind
    value: Any
    version: int
    updated_by: str
    updated_at: datetime


class ProjectVariableList(BaseModel):
    items: list[ProjectVariableView]
