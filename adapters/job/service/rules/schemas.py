"""What is asked and answered about dangerous commands."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field

from adapters.job.service.languages import Language
from adapters.job.service.schemas import Asked, Id, ScriptLanguage

MAX_SCRIPT = 1024 * 1024
_Encoded = Annotated[str, Field(max_length=2 * MAX_SCRIPT)]


def _action(value: object) -> object:
    return int(value) if value in {"1", "2"} else value  # GET brings texts


class CreateRule(Asked):
    expression: str = Field(min_length=1, max_length=500, description="A regular expression, looked for in each line.")
    description: str = Field(min_length=1, max_length=500, description="What is dangerous about it.")
    script_language_list: list[ScriptLanguage] = Field(
        default_factory=list, max_length=len(Language), description="Languages it is for; none: all."
    )
    action: Annotated[Literal[1, 2], BeforeValidator(_action)] = Field(default=2, description="1 notes, 2 refuses.")


class OfRule(Asked):
    id: Id


class ListRules(Asked):
    """All of them: there are never many."""


class CheckScript(Asked):
    content: _Encoded = Field(description="The script in base64.")
    script_language: ScriptLanguage = Language.SHELL


class RuleShown(BaseModel):
    id: int
    expression: str
    description: str
    script_language_list: list[int]
    action: int
    creator: str
    create_time: int


class RuleId(BaseModel):
    id: int


class FindingShown(BaseModel):
    rule_id: int
    line: int | None
    line_content: str
    description: str
    action: int
