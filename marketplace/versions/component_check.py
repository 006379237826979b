"""Does what a manifest says of components agree with what is registered?"""

import re
from collections.abc import Iterator

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.contracts.components import ComponentDescription, ComponentDirectory
from kernel.errors import FieldProblem
from kernel.forms.pointers import dotted
from marketplace.package.manifest import ALSO_CALLS, FORM_COMPONENTS, FORM_UPLOAD, ComponentCall, Manifest

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
            problem = f"{call.component} is registered nowhere"
            problems.append(FieldProblem(f"{field}.component", problem, "Name a component that stage prod serves"))
        elif found.system != system:
            problem = f"{system} is another name of {found.system}"
            problems.append(FieldProblem(f"{field}.component", problem, f"Write {found.system}.{name}"))
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
        yield FieldProblem(dotted(f"{field}.path", [name]), "is missing", f"{call.component} is at {found.path}")
    for name in sorted(call.path.keys() - wanted):
        yield FieldProblem(dotted(f"{field}.path", [name]), "is no part of the path", f"The path is {found.path}")
    if call.body is not None and found.method in _WITHOUT_BODY:
        yield FieldProblem(f"{field}.body", f"can't be sent with {found.method}", "Send it in the query")
    if not may_change:
        yield from _change_problems(f"{field}.component", call, found)


def _change_problems(field: str, call: ComponentCall, found: ComponentDescription) -> Iterator[FieldProblem]:
    if not found.is_read:
        problem = f"{call.component} changes things"
        yield FieldProblem(field, problem, "Only the call of a step may; ask again by a component that reads")


def _scope_problems(manifest: Manifest, calls: list[_Call], known: frozenset[str]) -> Iterator[FieldProblem]:
    declared = manifest.scope_names()
    own = {f"{found.system}.{found.name}" for _, _, found in calls}
    needed = own.union(*(found.scopes for _, _, found in calls))
    for index, need in enumerate(manifest.scopes):
        field = f"scopes[{index}].scope"
        if need.scope not in known:
            yield FieldProblem(field, f"{need.scope} is asked for by no registered component", "Correct its name")
        elif need.scope not in needed:
            yield FieldProblem(field, f"{need.scope} is needed by no call of this plugin", "Leave it out")
    for _, call, found in calls:
        alone = f"{found.system}.{found.name}"
        missing = sorted(set(found.scopes) - declared)
        if missing and alone not in declared:
            remedy = f"Add {', '.join(missing)}, or {alone} alone"
            yield FieldProblem("scopes", f"don't admit a call of {call.component}", remedy)
