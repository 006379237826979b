"""Between a system's document and its state. Secrets are in neither."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from gateway.policies.kinds.policy import Level, PolicyError
from gateway.policies.kinds.registry import documents_of, read_policies
from gateway.policies.schemas import PolicyInput
from gateway.registry.component_checks import component_problems, set_problems
from gateway.registry.component_definition import ComponentDefinition
from gateway.registry.drafts.schemas import NamedComponent
from gateway.registry.manifest.reading import signing_document, upstream_document
from gateway.registry.manifest.schemas import FORMAT, StageManifest, SystemManifest, plain
from gateway.registry.manifest.state import ReleaseState, StageState, SystemState
from kernel.errors import FieldProblem, Invalid


def document_of(state: SystemState) -> dict[str, Any]:
    """What an export writes: what is usual is left out."""
    return {
        "format": FORMAT,
        "name": state.name,
        **_said({"title": state.title, "description": state.description, "owner": state.owner}),
        **_said({"aliases": list(state.aliases), "policies": list(state.policies)}),
        "components": [component.document() for component in state.components],
        "releases": [
            {
                "version": release.version,
                **_said({"comment": release.comment, "forced_because": release.forced_because}),
                "components": [component.document() for component in release.components],
            }
            for release in state.releases
        ],
        "stages": [_stage_document(stage) for stage in state.stages.values()],
    }


def _stage_document(stage: StageState) -> dict[str, Any]:
    return {
        "name": stage.name,
        **_said({"release": stage.release, "canary": stage.canary}),
        "envelope": stage.envelope,
        "validate_requests": stage.validate_requests,
        **_said({"variables": dict(stage.variables)}),
        "signing": dict(stage.signing),
        "upstreams": dict(stage.upstreams),
        **_said({"policies": list(stage.policies)}),
    }


def _said(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value not in (None, "", [], {})}


def state_of(manifest: SystemManifest, present: SystemState | None) -> SystemState:
    """What the document asks for. Components written as they are here already are taken as they are.

    Raises:
        Invalid: naming each wrong place by its path in the document.
    """
    drafted = {component.name: component for component in present.components} if present is not None else {}
    released = {release.version: release for release in present.releases} if present is not None else {}
    problems: list[FieldProblem] = []
    releases = [
        ReleaseState(
            version=release.version,
            comment=release.comment,
            forced_because=release.forced_because,
            components=_components(
                release.components, manifest.name, f"releases.{release.version}",
                _by_name(released[release.version].components) if release.version in released else drafted, problems,
            ),
        )
        for release in manifest.releases
    ]  # fmt: skip
    state = SystemState(
        name=manifest.name,
        title=manifest.title or manifest.name,
        description=manifest.description,
        owner=manifest.owner,
        aliases=list(dict.fromkeys(manifest.aliases)),
        policies=_policies(manifest.policies, Level.SYSTEM, "policies", problems),
        components=_components(manifest.components, manifest.name, "components", drafted, problems),
        releases=releases,
        stages={stage.name: _stage(stage, problems) for stage in manifest.stages},
    )
    problems += _repeated("stages", [stage.name for stage in manifest.stages])
    problems += _repeated("releases", [release.version for release in manifest.releases])
    if problems:
        shown = "; ".join(f"{problem.field}: {problem.problem}" for problem in problems[:5])
        raise Invalid(f"The system can't be like this: {shown}", code="bad_manifest", fields=problems)
    return state


def _stage(stage: StageManifest, problems: list[FieldProblem]) -> StageState:
    canary = stage.canary
    return StageState(
        name=stage.name,
        release=stage.release,
        canary=canary.model_dump() if canary is not None else None,
        envelope=stage.envelope,
        validate_requests=stage.validate_requests,
        variables=stage.variables,
        signing=signing_document(stage.signing),
        upstreams={name: upstream_document(settings) for name, settings in stage.upstreams.items()},
        policies=_policies(stage.policies, Level.STAGE, f"stages.{stage.name}.policies", problems),
    )


def _components(
    given: Iterable[NamedComponent],
    system: str,
    place: str,
    present: Mapping[str, ComponentDefinition],
    problems: list[FieldProblem],
) -> list[ComponentDefinition]:
    found: list[ComponentDefinition] = []
    for each in given:
        known = present.get(each.name)
        if known is not None and plain(each) == known.document():
            found.append(known)
            continue
        component = each.definition(system, each.name)
        found.append(component)
        problems += _placed(f"{place}.{each.name}", component_problems(component, system))
    problems += _placed(place, set_problems(found))
    return found


def _placed(place: str, problems: Iterable[FieldProblem]) -> list[FieldProblem]:
    return [replace(each, field=f"{place}.{each.field}") for each in problems]


def _policies(
    given: Sequence[PolicyInput], level: Level, place: str, problems: list[FieldProblem]
) -> list[dict[str, Any]]:
    try:
        return documents_of(read_policies([policy.model_dump() for policy in given], level, place))
    except PolicyError as error:
        problems += error.problems
        return []


def _repeated(place: str, names: Sequence[str]) -> list[FieldProblem]:
    twice = sorted({name for name in names if names.count(name) > 1})
    return [FieldProblem(f"{place}.{name}", "stands here twice", "Keep one") for name in twice]


def _by_name(components: Iterable[ComponentDefinition]) -> dict[str, ComponentDefinition]:
    return {component.name: component for component in components}
