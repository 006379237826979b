"""How another system answers the components that an embedded one declares: a table of ways to it.

::

    variables: {area: "0"}
    ways:
      esb: {answers: esb, prefix: /api/c/compapi/v2/cc, signing: [bk-app]}
    components:
      search_module:
        narrows: {properties: {page: {properties: {limit: {maximum: 200}}}}}
        esb: POST /search_module/{env.area}/{bk_biz_id}

A way names the column that tells how a component is answered there: method and path, or an object with more. What a
path names in braces is a parameter that moves there from wherever the component has it.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from kernel.yaml_text import read_yaml

CallLine = Annotated[str, StringConstraints(pattern=r"^(GET|POST|PUT|DELETE) /\S*$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Answering(_Part):
    """How one component is answered.

    Attributes:
        call: method and path, below the way's prefix.
        body: the parameter whose value is the whole body there.
        moves: parameters that have another name there.
        rename: members of the answer, see the policy `answer-rename`.
        narrows: JSON Schema that the parameters have to fit too.
    """

    call: CallLine
    body: str | None = None
    moves: dict[str, str] = Field(default_factory=dict)
    rename: dict[str, str] = Field(default_factory=dict)
    narrows: dict[str, Any] = Field(default_factory=dict)

    @property
    def method(self) -> str:
        return self.call.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.call.partition(" ")[2]


class Way(_Part):
    """A way to the other system.

    Attributes:
        answers: the column of the components it reads.
        signing: the profiles by which the system believes the gateway.
        fixed: parameters of that signing which are not to be chosen.
        headers: header → variable of the stage.
        rename: members of all answers.
        envelope: answers are `data` or `error`, see the policy `answer-envelope`.
    """

    answers: str
    signing: tuple[str, ...]
    prefix: str = ""
    fixed: dict[str, str] = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)
    rename: dict[str, str] = Field(default_factory=dict)
    envelope: bool = False


class Row(_Part):
    """One component.

    Attributes:
        answered: by column.
        always: the data that is answered without asking that system; where a component can't mean anything else there.
        mapping: what becomes of parameters on every way, as a component's mapping says it.
        adds: members of the answer that are missing there, see the policy `answer-rename`.
        narrows: JSON Schema that the parameters have to fit on every way.
        lacks: way → why the component can't be answered on it.
    """

    answered: dict[str, Answering]
    always: dict[str, Any] | None = None
    mapping: tuple[dict[str, Any], ...] = ()
    adds: dict[str, Any] = Field(default_factory=dict)
    narrows: dict[str, Any] = Field(default_factory=dict)
    lacks: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _columns(cls, value: Any) -> Any:
        if not isinstance(value, Mapping) or "answered" in value:
            return value
        own = {name: value[name] for name in cls.model_fields.keys() - {"answered"} if name in value}
        columns = {name: told for name, told in value.items() if name not in own}
        short = {name: {"call": told} if isinstance(told, str) else told for name, told in columns.items()}
        return {**own, "answered": short}


class BackEndTable(_Part):
    """Attributes:
    variables: of the stage, with what they usually are.
    """

    ways: dict[str, Way]
    components: dict[str, Row]
    variables: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises ValueError: a table is part of the product, and its tests read it."""
        return cls.model_validate(read_yaml(text))

    @model_validator(mode="after")
    def _check(self) -> Self:
        columns = {way.answers for way in self.ways.values()}
        for name, row in self.components.items():
            unknown = sorted((row.answered.keys() - columns) | (row.lacks.keys() - self.ways.keys()))
            if unknown:
                raise ValueError(f"components.{name}.{unknown[0]} is no way and no column of one")
        return self
