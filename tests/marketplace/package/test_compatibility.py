import pytest

from marketplace.package.change import Step
from marketplace.package.compatibility import Contract, FormTags, changes, parsed, step_problems, step_taken

BASE = {"type": "object", "properties": {"ip": {"type": "string"}, "mode": {"enum": ["a", "b"]}}, "required": ["ip"]}
OUT = {"type": "object", "properties": {"count": {"type": "integer"}}}
FORM = "$.atoms['x'] = [{tag_code: 'ip', type: 'input'}, {\"tag_code\": \"mode\"}]"


def contract(**changed: object):
    form = FormTags.of(changed.pop("form_script", FORM))
    return Contract(**({"inputs": BASE, "outputs": OUT, "context": {}, "form": form} | changed))


def with_input(name, schema, *, required=False):
    asked = [*BASE["required"], name] if required else BASE["required"]
    return contract(inputs=BASE | {"properties": BASE["properties"] | {name: schema}, "required": asked})


@pytest.mark.parametrize(
    ("after", "place", "step"),
    [
        (with_input("new", {"type": "string"}, required=True), "inputs.new", Step.MAJOR),
        (with_input("new", {"type": "string"}), "inputs.new", Step.MINOR),
        (contract(inputs=BASE | {"required": []}), "inputs.ip", Step.MINOR),
        (contract(inputs=BASE | {"required": ["ip", "mode"]}), "inputs.mode", Step.MAJOR),
        (contract(inputs={"type": "object", "properties": {"mode": {"enum": ["a", "b"]}}}), "inputs.ip", Step.MAJOR),
        (with_input("ip", {"type": "integer"}), "inputs.ip", Step.MAJOR),
        (with_input("ip", {"type": "string", "default": "1"}), "inputs.ip", Step.MINOR),
        (with_input("mode", {"enum": ["a"]}), "inputs.mode", Step.MAJOR),
        (with_input("mode", {"enum": ["a", "b", "c"]}), "inputs.mode", Step.MINOR),
        (with_input("ip", {"type": "string", "enum": ["a"]}), "inputs.ip", Step.MAJOR),
        (contract(outputs={"type": "object", "properties": {}}), "outputs.count", Step.MAJOR),
        (contract(outputs={"properties": {"count": {"type": "string"}}}), "outputs.count", Step.MAJOR),
        (contract(outputs={"properties": OUT["properties"] | {"more": {}}}), "outputs.more", Step.MINOR),
        (contract(context={"properties": {"who": {}}, "required": ["who"]}), "context_inputs.who", Step.MAJOR),
        (contract(form_script="[{tag_code: 'ip'}]"), "form", Step.MAJOR),
        (contract(form_script=None), "form", Step.MAJOR),
        (contract(form_script=FORM + "// {tag_code: 'new'}"), "form", Step.MINOR),
    ],
)
def test_a_change_asks_for_its_step(after, place, step):
    (change,) = changes(contract(), after)
    assert (change.place, change.step) == (place, step)
    assert bool(step_problems(("1.0.0", contract()), ("1.1.0", after))) is (step is Step.MAJOR)
    assert step_problems(("1.0.0", contract()), ("2.0.0", after)) == []
    (problem,) = step_problems(("1.0.0", contract()), ("1.0.1", after))
    assert problem.remedy == f"Raise 1.0.0 by a {step.name.lower()} step"


@pytest.mark.parametrize(
    ("before", "after", "step"),
    [
        ({}, {"maxLength": 20}, Step.MAJOR),
        ({"maxLength": 20}, {"maxLength": 10}, Step.MAJOR),
        ({"maxLength": 20}, {"maxLength": 30}, Step.MINOR),
        ({"maxLength": 20}, {}, Step.MINOR),
        ({"minimum": 1}, {"minimum": 2}, Step.MAJOR),
        ({"minimum": 1}, {"minimum": 0}, Step.MINOR),
        ({"minItems": 1}, {"minItems": 0, "maxItems": 5}, Step.MAJOR),
        ({"pattern": "^a"}, {"pattern": "^[ab]"}, Step.MAJOR),
        ({"pattern": "^a"}, {}, Step.MINOR),
        ({}, {"uniqueItems": True}, Step.MAJOR),
        ({}, {"const": 1}, Step.MAJOR),
        ({"required": ["a"]}, {"required": ["a", "b"]}, Step.MAJOR),
        ({"required": ["a", "b"]}, {"required": ["b"]}, Step.MINOR),
        ({}, {"additionalProperties": False}, Step.MAJOR),
        ({"additionalProperties": False}, {}, Step.MINOR),
    ],
)
def test_a_limit_that_keeps_more_out_breaks_what_was_given(before, after, step):
    (change,) = changes(with_input("mode", before), with_input("mode", after))
    assert (change.place, change.step) == ("inputs.mode", step)


@pytest.mark.parametrize(
    "free",
    [{"uniqueItems": False}, {"required": []}, {"additionalProperties": True}, {"minLength": 0}, {"minItems": 0}],
)
def test_a_limit_that_keeps_nothing_out_is_none(free):
    assert changes(with_input("mode", {}), with_input("mode", free)) == []


def test_inputs_that_take_no_others_any_more_break_who_gives_them():
    closed = contract(inputs=BASE | {"additionalProperties": False})
    (change,) = changes(contract(), closed)
    assert (change.place, change.step) == ("inputs", Step.MAJOR)
    (change,) = changes(closed, contract())
    assert (change.place, change.step) == ("inputs", Step.MINOR)


def test_what_a_plugin_gives_may_be_held_to_other_limits():
    limited = contract(outputs={"type": "object", "properties": {"count": {"type": "integer", "maximum": 9}}})
    assert changes(contract(), limited) == []


def test_what_is_the_same_asks_for_nothing():
    assert changes(contract(), contract()) == []
    assert step_problems(("1.0.0", contract()), ("1.0.1", contract())) == []


@pytest.mark.parametrize(
    ("before", "after", "step"),
    [
        ("1.0.0", "1.0.1", Step.PATCH),
        ("1.0.1", "1.1.0", Step.MINOR),
        ("1.9.0", "2.0.0", Step.MAJOR),
        ("0.1.0", "0.2.0", Step.MAJOR),
        ("0.1.0", "0.1.1", Step.MINOR),
        ("1.1.0", "1.0.0", None),
        ("1.0.0rc1", "1.0.0", Step.PATCH),
    ],
)
def test_a_step_is_what_the_number_says(before, after, step):
    assert step_taken(before, after) == step


def test_versions_of_code_are_in_their_order():
    assert sorted(["1.0.10", "1.0.2rc10", "1.0.2rc1", "1.0.2", "1.0.2beta"], key=parsed) == [
        "1.0.2beta",
        "1.0.2rc1",
        "1.0.2rc10",
        "1.0.2",
        "1.0.10",
    ]
