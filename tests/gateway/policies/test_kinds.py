"""What is taken as a policy, what is refused and how it is told; and that the reference page says the same."""

import json
import re
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.policies.kinds.placing import NOTHING, placed
from gateway.policies.kinds.policy import Level, Policy, PolicyError
from gateway.policies.kinds.registry import KINDS, documents_of, read_policies, read_policy
from kernel.errors import FieldProblem
from tests.support.policies import example, sections

EXAMPLES = {kind: example(kind) for kind in KINDS}


def attempt(documents: Any) -> tuple[tuple[Policy, ...], tuple[FieldProblem, ...]]:
    """What was read, or why nothing was."""
    try:
        return read_policies(documents, Level.STAGE), ()
    except PolicyError as error:
        return (), error.problems


def problems_of(*documents: Any, level: Level = Level.STAGE) -> dict[str, str]:
    with pytest.raises(PolicyError) as raised:
        read_policies(list(documents), level)
    return {problem.field: problem.problem for problem in raised.value.problems}


def test_every_kind_is_described_with_an_example_that_is_taken() -> None:
    assert list(sections()) == list(KINDS)
    for name, config in EXAMPLES.items():
        policy = read_policy({"kind": name, "config": config}, Level.STAGE)
        jsonschema.validate(config, KINDS[name].schema, jsonschema.Draft202012Validator)
        again = read_policy(json.loads(json.dumps(policy.to_document())), Level.STAGE)
        assert again == policy


@pytest.mark.parametrize("name", KINDS)
def test_the_page_names_every_member_and_every_level(name: str) -> None:
    text = sections()[name]
    schema = KINDS[name].schema
    rows = re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)
    members = {row.split(".")[0].removesuffix("{}[]") for row in rows}
    assert members == set(schema["properties"])
    nested = {row.rsplit(".", 1)[-1] for row in rows if "." in row}
    assert nested == {each for definition in schema.get("$defs", {}).values() for each in definition["properties"]}
    levels = re.search(r"May stand at: ([a-z, ]+)\.", text)
    assert levels is not None
    assert levels[1].split(", ") == [level for level in Level if level in KINDS[name].levels]


def mutated(value: Any) -> Iterator[Any]:
    """The value with one thing in it exchanged, left out or added."""
    for other in (None, True, -1, 0, 10**40, 1.5, "", "x", "\x00", "é\ud800", [], {}, [[]], {"x": 1}):
        yield other
    if isinstance(value, dict):
        yield {**value, "unknown": 1}
        for name, member in value.items():
            yield {key: each for key, each in value.items() if key != name}
            for other in mutated(member):
                yield {**value, name: other}
    elif isinstance(value, list):
        yield value * 300
        for position, member in enumerate(value):
            for other in mutated(member):
                yield [*value[:position], other, *value[position + 1 :]]


@pytest.mark.parametrize("name", KINDS)
def test_what_is_taken_is_valid_by_the_schema_and_what_is_not_is_told_by_its_place(name: str) -> None:
    validator = jsonschema.Draft202012Validator(KINDS[name].schema)
    taken = refused = 0
    for config in mutated(EXAMPLES[name]):
        read, problems = attempt([{"kind": name, "config": config}])
        if problems:
            refused += 1
            assert all(problem.field.startswith("policies.0.config") and problem.problem for problem in problems)
        else:
            taken += 1
            assert validator.is_valid(config), config
            assert read_policies(documents_of(read), Level.STAGE) == read
    assert taken
    assert refused


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(JSON | st.lists(st.fixed_dictionaries({"kind": st.sampled_from([*KINDS, "x"]), "config": JSON}), max_size=3))
def test_whatever_is_sent_is_taken_or_refused_with_its_place(documents: Any) -> None:
    read, problems = attempt(documents)
    assert problems or read_policies(documents_of(read), Level.STAGE) == read


@pytest.mark.parametrize(
    ("document", "field", "problem"),
    [
        ({"kind": "speed", "config": {}}, "policies.0.kind", "is none of"),
        ({"kind": ["cors"], "config": {}}, "policies.0.kind", "is none of"),
        ("cors", "policies.0", "is not an object"),
        ({"kind": "cors", "config": {}, "conf": {}}, "policies.0.conf", "no member"),
        ({"kind": "cors"}, "policies.0.config.allow_origins", "is missing"),
        (
            {"kind": "cors", "config": {"allow_origins": ["null"], "allow_credentials": True}},
            "policies.0.config",
            "any page can take on",
        ),
        (
            {"kind": "rate-limit", "config": {"rates": {"__default": [{"period": 60, "tokens": 0}]}}},
            "policies.0.config.rates.__default.0.tokens",
            "is below 1",
        ),
        ({"kind": "rate-limit", "config": {}}, "policies.0.config", "limits nothing"),
        (
            {"kind": "rate-limit", "config": {"total": [{"period": 1, "tokens": 1}] * 2}},
            "policies.0.config",
            "a period is given twice",
        ),
        (
            {"kind": "quota", "config": {"allowances": {"No App": [{"period": "day", "calls": 1}]}}},
            "policies.0.config",
            "is no app code",
        ),
        ({"kind": "ip-restriction", "config": {"deny": ["10.0.0.0/40"]}}, "policies.0.config.deny.0", "no network"),
        (
            {"kind": "cors", "config": {"allow_origins": ["*"], "allow_credentials": True}},
            "policies.0.config",
            "list the origins",
        ),
        (
            {"kind": "header-rewrite", "config": {"request": {"set": {"X_Bkapi_JWT": "x"}}}},
            "policies.0.config.request.set.X_Bkapi_JWT",
            "the gateway's own",
        ),
        (
            {"kind": "header-rewrite", "config": {"request": {"set": {"x-a": "a\r\nhost: b"}}}},
            "policies.0.config.request.set.x-a",
            "the form wanted",
        ),
        (
            {"kind": "redirect", "config": {"location": "//evil.example"}},
            "policies.0.config.location",
            "the form wanted",
        ),
        (
            {"kind": "redirect", "config": {"location": "/\\evil.example"}},
            "policies.0.config.location",
            "the form wanted",
        ),
        ({"kind": "mock", "config": {"status": 101}}, "policies.0.config.status", "is below 200"),
        ({"kind": "fault-injection", "config": {}}, "policies.0.config", "injects nothing"),
    ],
)
def test_each_mistake_is_told_where_it_stands(document: Any, field: str, problem: str) -> None:
    found = problems_of(document)
    assert list(found) == [field]
    assert problem in found[field]


def test_all_mistakes_of_a_list_are_told_at_once_and_a_kind_stands_in_it_once() -> None:
    limit = {"kind": "body-limit", "config": {"max_bytes": 1}}
    found = problems_of(limit, limit, {"kind": "mock", "config": {"status": 1}})
    assert set(found) == {"policies.1.kind", "policies.2.config.status"}


def test_at_an_app_only_limits_stand_and_only_such_as_have_a_meaning_there() -> None:
    assert "not at app" in problems_of({"kind": "cors", "config": EXAMPLES["cors"]}, level=Level.APP)["policies.0.kind"]
    for kind in ("rate-limit", "quota", "concurrency-limit"):
        found = problems_of({"kind": kind, "config": EXAMPLES[kind]}, level=Level.APP)
        assert "at an app only" in found["policies.0.config"]
    own = [{"kind": "rate-limit", "config": {"rates": {"__default": [{"period": 60, "tokens": 5}]}}}]
    assert [policy.kind for policy in read_policies(own, Level.APP)] == ["rate-limit"]


def test_of_a_kind_that_is_not_cumulative_the_most_specific_place_wins() -> None:
    def limits(size: int, *others: str) -> Any:
        documents = [{"kind": kind, "config": EXAMPLES[kind]} for kind in others]
        return read_policies([{"kind": "body-limit", "config": {"max_bytes": size}}, *documents], Level.STAGE)

    system = placed(NOTHING, Level.SYSTEM, "cmdb", limits(1, "mock"))
    stage = placed(system, Level.STAGE, "cmdb/prod", limits(2, "cors"))
    component = placed(stage, Level.COMPONENT, "cmdb/prod/search", limits(3))
    assert {kind: [each.place for each in standing] for kind, standing in component.items()} == {
        "body-limit": ["cmdb/prod/search"],
        "mock": ["cmdb"],
        "cors": ["cmdb/prod"],
    }
    assert system["body-limit"][0].config.max_bytes == 1  # type: ignore[attr-defined]
    assert placed(stage, Level.COMPONENT, "cmdb/prod/other", ()) is stage


@pytest.mark.parametrize("kind", ["rate-limit", "quota", "concurrency-limit", "ip-restriction"])
def test_a_cumulative_kind_holds_at_every_place_where_it_stands(kind: str) -> None:
    policies = read_policies([{"kind": kind, "config": EXAMPLES[kind]}], Level.SYSTEM)
    system = placed(NOTHING, Level.SYSTEM, "cmdb", policies)
    component = placed(system, Level.COMPONENT, "cmdb/prod/search", policies)
    assert [str(each) for each in component[kind]] == ["system cmdb", "component cmdb/prod/search"]
    assert [str(each) for each in system[kind]] == ["system cmdb"]
    assert KINDS[kind].is_cumulative
