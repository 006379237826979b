"""What the components of attributes are asked and answer (reference: BlueKing cc components)."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, model_validator

from adapters.cmdb.service.attributes.kinds import LARGEST
from adapters.cmdb.service.schemas import Asked, Id, Name

ObjectId = Literal["biz", "set", "module", "host"]
PropertyType = Literal[
    "singlechar", "longchar", "int", "enum", "date", "time", "objuser", "timezone", "bool", "singleasst", "multiasst"
]
ReferredId = Literal["", "biz", "set", "module", "host", "plat"]
PropertyId = Annotated[str, Field(max_length=64, pattern=r"^[a-z][a-z0-9_]*$")]
Number = Annotated[int, Field(ge=-LARGEST, le=LARGEST)]


class SearchAttributes(Asked):
    bk_obj_id: ObjectId


class Choice(Asked):
    id: str = Field(min_length=1, max_length=128)
    name: str = Field(min_length=1, max_length=256)
    type: Literal["text"] = "text"
    is_default: bool = False


class NumberRange(Asked):
    min: Number = -LARGEST
    max: Number = LARGEST


class CreateAttribute(Asked):
    """`option`: the choices of an `enum`, the bounds `{"min", "max"}` of an `int`."""

    bk_obj_id: ObjectId
    bk_property_id: PropertyId
    bk_property_name: Name
    bk_property_type: PropertyType
    bk_property_group: str = Field(default="default", min_length=1, max_length=64)
    isrequired: bool = False
    bk_asst_obj_id: ReferredId = Field(
        default="",
        description="Of singleasst and multiasst: to which object's instances it refers; plat is cloud areas.",
    )
    option: Annotated[list[Choice], Field(min_length=1, max_length=200)] | NumberRange | None = None
    unit: str = Field(default="", max_length=32)
    placeholder: str = Field(default="", max_length=2000)

    @model_validator(mode="after")
    def _fits(self) -> "CreateAttribute":
        if self.bk_property_type.endswith("asst") != bool(self.bk_asst_obj_id):
            raise ValueError("bk_asst_obj_id: a singleasst or multiasst, and nothing else, names an object")
        if (self.bk_property_type == "enum") != isinstance(self.option, list):
            raise ValueError("option: an enum, and nothing else, has a list of choices")
        if isinstance(self.option, NumberRange) and (
            self.bk_property_type != "int" or self.option.min > self.option.max
        ):
            raise ValueError("option: bounds are those of an int, min not above max")
        if isinstance(self.option, list) and len({choice.id for choice in self.option}) < len(self.option):
            raise ValueError("option: two choices have the same id")
        return self


class OfAttribute(Asked):
    id: Id


class UpdateAttribute(OfAttribute):
    """What may change while there are values; the type and the choices may not."""

    bk_property_name: Name | None = None
    bk_property_group: str | None = Field(default=None, min_length=1, max_length=64)
    isrequired: bool | None = None
    unit: str | None = Field(default=None, max_length=32)
    placeholder: str | None = Field(default=None, max_length=2000)


class Attribute(BaseModel):
    """`ispre`: every object has it; others were given by people. `option`: choices or bounds."""

    id: int
    bk_obj_id: str
    bk_property_id: str
    bk_property_name: str
    bk_property_type: str
    bk_property_group: str
    isrequired: bool
    isonly: bool
    isreadonly: bool
    ispre: bool
    editable: bool
    bk_asst_obj_id: str = Field(description="The object to whose instances it refers; empty otherwise.")
    option: Any
    unit: str
    placeholder: str


class MadeAttribute(BaseModel):
    id: int
