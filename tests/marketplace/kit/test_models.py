"""What plugins written for pydantic 1 take for granted."""

import warnings
from typing import Any, Literal

import pytest
from pydantic import ValidationError
from pydantic.v1 import BaseModel as V1Model
from pydantic.v1 import Field as V1Field
from pydantic.v1 import root_validator as v1_root_validator
from pydantic.v1 import validator as v1_validator

from trunkline_plugin import Field, InputsModel
from trunkline_plugin.legacy.names import legacy_names
from trunkline_plugin.v1_validators import root_validator, validator
from trunkline_plugin.wire_schema import wire_schema


class Host(V1Model):
    ip: str = V1Field(title="IP")


def test_what_may_be_none_need_not_be_given():
    class Inputs(InputsModel):
        note: str | None
        anything: Any
        count: int = None

    found = Inputs()
    assert (found.note, found.anything, found.count) == (None, None, None)
    assert Inputs(count=None).count is None
    assert wire_schema(Inputs) == {
        "type": "object",
        "properties": {
            "note": {"title": "Note", "type": "string"},
            "anything": {"title": "Anything"},
            "count": {"title": "Count", "type": "integer"},
        },
        "required": [],
        "definitions": {},
    }


def test_the_first_type_of_a_union_that_fits_is_taken():
    class Inputs(InputsModel):
        either: int | str

    assert Inputs(either="5").either == 5
    assert Inputs(either="x").either == "x"


def test_validators_of_either_pydantic_run():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")

        class Inputs(InputsModel):
            first: str
            second: list[str] = Field([])

            @validator("first")
            def upper(cls, value):  # noqa: N805
                return value.upper()

            @v1_validator("second", each_item=True)
            def lower(cls, value):  # noqa: N805
                return value.lower()

            @v1_root_validator(pre=True)
            def rename(cls, values):  # noqa: N805
                return {**values, "first": values.pop("old", values.get("first"))}

    found = Inputs(old="a", second=["B"])
    assert (found.first, found.second) == ("A", ["b"])


def test_models_of_pydantic_1_may_be_types_of_fields():
    class Inputs(InputsModel):
        hosts: list[Host]
        main: Host | None

    found = Inputs(hosts=[{"ip": "10.0.0.1"}])
    assert found.hosts[0].ip == "10.0.0.1"
    assert found.dict() == {"hosts": [{"ip": "10.0.0.1"}], "main": None}
    schema = wire_schema(Inputs)
    assert schema["properties"]["hosts"]["items"] == {"$ref": "#/definitions/Host"}
    assert schema["definitions"]["Host"]["properties"] == {"ip": {"title": "IP", "type": "string"}}
    with pytest.raises(ValidationError):
        Inputs(hosts=[{}])


def test_keywords_of_pydantic_1_and_members_of_ones_own_stand_in_the_schema():
    class Inputs(InputsModel):
        name: str = Field(..., title="Name", regex="^[a-z]+$", example="web")
        tags: list[str] = Field([], min_items=0, max_items=3)
        mode: Literal["a", "b"] = "a"

    assert wire_schema(Inputs)["properties"] == {
        "name": {"title": "Name", "type": "string", "pattern": "^[a-z]+$", "example": "web"},
        "tags": {
            "title": "Tags",
            "type": "array",
            "items": {"type": "string"},
            "default": [],
            "minItems": 0,
            "maxItems": 3,
        },
        "mode": {"title": "Mode", "type": "string", "enum": ["a", "b"], "default": "a"},
    }
    with pytest.raises(ValidationError):
        Inputs(name="1")


def test_class_config_is_read():
    class Inputs(InputsModel):
        name: str = Field(alias="theName")

        class Config:
            extra = "forbid"
            allow_population_by_field_name = True
            anystr_strip_whitespace = True

    assert Inputs(name=" a ").name == "a"
    assert Inputs(theName="b").name == "b"
    with pytest.raises(ValidationError):
        Inputs(name="a", more=1)


def test_a_field_may_be_called_as_a_word_of_json_schema():
    class Inputs(InputsModel):
        default: int | None
        items: int = 0

    assert set(wire_schema(Inputs)["properties"]) == {"default", "items"}


def test_validators_are_called_by_the_names_they_take():
    class Inputs(InputsModel):
        low: int
        high: int = 5
        words: list[str] = Field([], alias="theWords")

        @validator("low", "high", always=True, allow_reuse=True)
        def bounded(cls, value, field):  # noqa: N805
            assert value < 10, f"{field.name} ({field.required}) is too large"
            return value

        @v1_validator("words", each_item=True)
        def marked(cls, value, values, config, **more: Any):  # noqa: N805
            return f"{value}{values['low']}{more['field'].type_.__name__}{config.arbitrary_types_allowed}"

        class Config:
            extra = "forbid"

    assert Inputs(low=1, theWords=["a"]).words == ["a1strTrue"]
    with pytest.raises(ValidationError, match=r"low \(True\) is too large"):
        Inputs(low=10)
    with pytest.raises(ValidationError, match=r"high \(False\) is too large"):
        Inputs(low=1, high=11)


def test_a_bare_root_validator_checks_the_values_together():
    class Inputs(InputsModel):
        low: int
        high: int

        @root_validator
        def ordered(cls, values):  # noqa: N805
            assert values["low"] <= values["high"], "the low one is above the high one"
            return {**values, "high": values["high"] + 1}

        @root_validator(pre=True)
        def named(cls, values):  # noqa: N805
            return {"low": 0, **values}

    assert Inputs(high=1).high == 2
    with pytest.raises(ValidationError, match="above the high one"):
        Inputs(low=3, high=1)
    with pytest.raises(ValidationError, match="high\n  Field required"):
        Inputs(low=3)


def test_plugins_find_these_validators_where_they_import_them_from():
    with legacy_names(django=True):
        from pydantic import root_validator as found  # noqa: PLC0415  as a plugin does

        assert found is root_validator
    from pydantic import root_validator as after  # noqa: PLC0415

    assert after is not root_validator
