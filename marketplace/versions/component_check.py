"""Does what a manifest says of components agree with what is registered?"""

import re
from collections.abc import Iterator

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.components import ComponentDescription, ComponentDirectory
from kernel.errors import FieldProblem
from kernel.forms.pointers import dotted
from marketplace.package.manifest import ALSO_CALLS, FORM_COMPONENTS, FORM_UPLOAD, ComponentCall, Manifest
from marketplace.versions import wordings

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_WITHOUT_BODY = frozenset({"GET", "HEAD", "DELETE"})
_Call = tuple[str, ComponentCall, ComponentDescription]


async def component_problems(
    session: AsyncSession, directory: ComponentDirectory, manifest: Manifest
) -> list[FieldProblem]:
    """Unknown components and scopes, scopes that don't fit the calls, and calls that don't fit their component."""
    problems: list[FieldProblem] = []
    calls: list[_Call] = []
    for place, call in manifest.calls():
        field = dotted("", place)
        system, name = call.component.split(".", 1)
        found = await directory.find(session, system, name)
        if found is None:
            problems.append(wordings.UNREGISTERED.at(f"{field}.component", component=call.component))
        elif found.system != system:
            problems.append(wordings.OTHER_NAME.at(f"{field}.component", system=system, other=found.system, name=name))
        else:
            calls.append((field, call, found))
            if place[0] == FORM_COMPONENTS:
                if call.component != FORM_UPLOAD:
                    problems.extend(_change_problems(field, call, found))
                continue
            if ALSO_CALLS in place:
                continue  # whoever makes that call says how
            problems.extend(_call_problems(field, call, found, may_change=_may_change(place)))
    if not problems:
        problems.extend(_scope_problems(manifest, calls, await directory.known_scopes(session)))
    return problems


def _may_change(place: tuple[str | int, ...]) -> bool:
    """Whether it is the call of a kind's part, or of one of its steps, or what cancels it."""
    own = place[3:] if place[1:2] == ("steps",) else place[1:]
    return own in (("call",), ("cancel", "call"))


def _call_problems(
    field: str, call: ComponentCall, found: ComponentDescription, *, may_change: bool
) -> Iterator[FieldProblem]:
    wanted = set(_PLACEHOLDER.findall(found.path))
    for name in sorted(wanted - call.path.keys()):
        yield wordings.NO_PARAMETER.at(dotted(f"{field}.path", [name]), component=call.component, path=found.path)
    for name in sorted(call.path.keys() - wanted):
        yield wordings.EXCESS_PARAMETER.at(dotted(f"{field}.path", [name]), path=found.path)
    if call.body is not None and found.method in _WITHOUT_BODY:
        yield wordings.BODY.at(f"{field}.body", method=found.method)
    if not may_change:
        yield from _change_problems(f"{field}.component", call, found)


def _change_problems(field: str, call: ComponentCall, found: ComponentDescription) -> Iterator[FieldProblem]:
    if not found.is_read:
        yield wordings.CHANGES.at(field, component=call.component)


def _scope_problems(manifest: Manifest, calls: list[_Call], known: frozenset[str]) -> Iterator[FieldProblem]:
    declared = manifest.scope_names()
    own = {f"{found.system}.{found.name}" for _, _, found in calls}
    needed = own.union(*(found.scopes for _, _, found in calls))
    for index, need in enumerate(manifest.scopes):
        field = f"scopes[{index}].scope"
        if need.scope not in known:
            yield wordings.UNKNOWN_SCOPE.at(field, scope=need.scope)
        elif need.scope not in needed:
            yield wordings.UNNEEDED_SCOPE.at(field, scope=need.scope)
    for _, call, found in calls:
        alone = f"{found.system}.{found.name}"
        missing = sorted(set(found.scopes) - declared)
        if missing and alone not in declared:
            yield wordings.NOT_ADMITTED.at("scopes", component=call.component, missing=tuple(missing), alone=alone)
