"""Whatever comes, the answer is a list of problems; and what is found sound can be used."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.forms.check import form_problems
from kernel.forms.data import DataValidator
from kernel.forms.defaults import with_defaults
from kernel.forms.schema import schema_problems

WORDS = st.sampled_from(
    ["type", "properties", "items", "required", "$ref", "$defs", "allOf", "anyOf", "oneOf", "not", "if", "then", "enum",
     "const", "default", "pattern", "patternProperties", "format", "minimum", "maxLength", "prefixItems", "contains",
     "additionalProperties", "dependentSchemas", "a", "b", "elements", "scope", "rule", "options", "detail"]
)  # fmt: skip
TEXTS = st.sampled_from(
    ["object", "string", "integer", "array", "#", "#/$defs/a", "#/properties/a", "a", "^a+$", "(", "date", "Control",
     "VerticalLayout", "", "é"]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=True) | TEXTS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=5),
    max_leaves=25,
)
OBJECTS = st.dictionaries(WORDS, JSON, max_size=6)


@given(OBJECTS, JSON)
@settings(max_examples=500, deadline=None)
def test_a_schema_is_refused_or_usable(schema: dict[str, Any], data: Any) -> None:
    if not schema_problems(schema, "inputs"):
        validator = DataValidator(schema)
        assert all(problem.problem for problem in validator.problems(data))
        validator.problems(with_defaults(schema, data))


@given(OBJECTS, OBJECTS)
@settings(max_examples=300, deadline=None)
def test_a_form_is_refused_or_sound(schema: dict[str, Any], uischema: dict[str, Any]) -> None:
    whole = {"type": "object", "properties": {"a": schema, "b": {"type": "string"}}}
    for problem in form_problems({"schema": whole, "uischema": uischema, "i18n": schema}):
        assert problem.field.startswith("form")
