"""What is wrong with a component's definition, whoever wrote it: a form, a document, an export."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gateway.policies.kinds.policy import Level, PolicyError
from gateway.policies.kinds.registry import read_policies, read_policy
from gateway.registry.component_definition import ComponentDefinition
from gateway.registry.importers.naming import bad_scopes, path_problem, route_key
from gateway.registry.importers.references import Problems
from gateway.registry.importers.schemas import SchemaConverter
from gateway.snapshot.model.errors import ShardError
from gateway.snapshot.model.mapping import read_mapping
from gateway.snapshot.model.matching import parameters_of
from gateway.snapshot.model.parameters import LOCATIONS
from gateway.snapshot.model.variables import REFERENCE
from kernel.errors import FieldProblem

MOCK = "mock"


def component_problems(component: ComponentDefinition, system: str) -> list[FieldProblem]:
    """Each at its place in the component; empty when it can be served. Stage variables are taken as given."""
    problems = [*_path_problems(component), *_scope_problems(component, system), *_policy_problems(component)]
    if not problems:
        problems += _mapping_problems(component)
    for name in ("body_schema", "response_schema"):
        problems += _schema_problems(getattr(component, name), name, compiled=name == "body_schema")
    for index, parameter in enumerate(component.parameters):
        compiled = parameter.location in LOCATIONS
        problems += _schema_problems(parameter.schema, f"parameters.{index}.schema", compiled=compiled)
    return problems


def set_problems(components: Sequence[ComponentDefinition]) -> list[FieldProblem]:
    """What is wrong with components beside each other: one name, one address for two of them."""
    problems = [
        FieldProblem("name", f"{name} is the name of {count} components", "Give each its own")
        for name, count in Counter(component.name for component in components).items()
        if count > 1
    ]
    served: dict[tuple[Any, ...], str] = {}
    for component in components:
        taken = served.setdefault(address_of(component.method, component.path, component.match_subpath), component.name)
        if taken != component.name:
            problems.append(address_taken(component.name, taken))
    return problems


def address_of(method: str, path: str, match_subpath: bool) -> tuple[Any, ...]:  # noqa: FBT001 - a member of three
    """Equal for components that no gateway could tell apart."""
    return (*route_key(method, path), match_subpath)


def address_taken(name: str, other: str) -> FieldProblem:
    return FieldProblem("path", f"{name} is served at the same address as {other}", "Change method or path of one")


def _path_problems(component: ComponentDefinition) -> Iterator[FieldProblem]:
    wrong = path_problem(component.path)
    if wrong is not None:
        yield FieldProblem("path", wrong, "Write a path like /hosts/{host_id}/disks")
    if component.upstream_path is None:
        return
    wrong = path_problem(REFERENCE.sub("v", component.upstream_path))
    if wrong is not None:
        yield FieldProblem("upstream_path", wrong, "Write a path like /v2/hosts/{host_id}; {env.name} is a variable")


def _scope_problems(component: ComponentDefinition, system: str) -> Iterator[FieldProblem]:
    for scope in bad_scopes(component.scopes):
        yield FieldProblem("scopes", f"no token can carry {scope!r}", "Use printable ASCII, no spaces")
    for scope in component.scopes:
        if not scope.startswith(f"{system}:"):
            yield FieldProblem("scopes", f"{scope[:60]} is none of this system's", f"Begin it with {system}:")


def _policy_problems(component: ComponentDefinition) -> Iterator[FieldProblem]:
    try:
        policies = read_policies(list(component.policies), Level.COMPONENT)
    except PolicyError as error:
        yield from error.problems
        return
    if any(policy.kind == MOCK for policy in policies):
        yield FieldProblem("policies", "has a mock answer", "Say it as the component's mock")
    if component.mock is None:
        return
    try:
        read_policy({"kind": MOCK, "config": dict(component.mock)}, Level.COMPONENT, MOCK)
    except PolicyError as error:
        yield from (replace(each, field=each.field.replace(".config", "", 1)) for each in error.problems)


def _mapping_problems(component: ComponentDefinition) -> Iterator[FieldProblem]:
    upstream_path = REFERENCE.sub("v", component.upstream_path or component.path)
    parameters, wanted = parameters_of(component.path), parameters_of(upstream_path)
    try:
        mapping = read_mapping(component.mapping, parameters, wanted, None)
    except ShardError as error:
        field, _, problem = str(error).partition(": ")
        yield FieldProblem(field, problem, "See docs/reference/component-definition.md")
        return
    filled = {each.to.name for each in mapping if each.to.location == "path"}
    missing = sorted(set(wanted) - set(parameters) - filled)
    if missing:
        remedy = "Put it into the component's path, or map it"
        yield FieldProblem("upstream_path", f"{missing[0]} is filled by nothing", remedy)
    declared = {(each.location, each.name) for each in component.parameters if each.location == "path"}
    for location, name in sorted(declared):
        if name not in parameters:
            yield FieldProblem("parameters", f"{location} parameter {name} is not in the path", "Add it to the path")
    taken = [place for each in mapping for place in each.taken]
    if component.is_get and any(place.location == "body" for place in taken):
        yield FieldProblem("mapping", f"takes from the body of a {component.method}", "Take from the query")


def _schema_problems(schema: Mapping[str, Any] | None, at: str, *, compiled: bool = False) -> Iterable[FieldProblem]:
    if schema is None:
        return ()
    problems = Problems()
    SchemaConverter(schema, problems, is_30=False).convert(schema, (), compiled=compiled)
    return [replace(problem, field=f"{at}{problem.field.rstrip('/')}") for problem in problems.found]
