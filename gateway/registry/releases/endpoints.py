from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Path

from gateway.dependencies import CallerDep, GatewayDep
from gateway.fields import RELEASE, SystemPath
from gateway.registry.releases.diff import ChangedComponent
from gateway.registry.releases.schemas import (
    CallerView,
    ChangedComponentView,
    DiffView,
    MadeRelease,
    NewRelease,
    ReasonView,
    ReleaseView,
    RemovedComponentView,
)
from gateway.registry.releases.service import Comparison, ReleaseOrder
from gateway.registry.releases.versions import Level
from gateway.usage.repository import Use
from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/systems/{system}/releases", tags=["releases"], route_class=StrictJsonRoute)

ReleasePath = Annotated[str, Path(pattern=RELEASE)]
OtherPath = Annotated[str, Path(pattern=rf"^draft$|{RELEASE}", description="A release, or `draft`")]


@router.get("")
async def list_releases(
    system: SystemPath, session: SessionDep, principal: PrincipalDep, page: PageDep, gateway: GatewayDep
) -> Page[ReleaseView]:
    """Newest first."""
    found = await gateway.releases.browse(session, principal, system, page)
    return Page(items=[ReleaseView.model_validate(release) for release in found.items], next=found.next)


@router.post("", status_code=201)
async def create_release(system: SystemPath, body: NewRelease, caller: CallerDep, gateway: GatewayDep) -> MadeRelease:
    """Makes an immutable release of the draft. No stage serves it before it is activated."""
    checked = None
    if body.check_on is not None:
        checked = await gateway.trials.require_samples(gateway.database, caller, system, body.check_on)
    order = ReleaseOrder(body.version, body.bump, body.comment, body.force_because, checked)
    async with gateway.database.unit_of_work() as session:
        release, changes = await gateway.releases.create(session, caller, system, order)
    view = ReleaseView.model_validate(release)
    return MadeRelease(**view.model_dump(), level=_name(changes.level), breaking=changes.level is Level.BREAKING)


@router.get("/{release}")
async def get_release(
    system: SystemPath, release: ReleasePath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> ReleaseView:
    return ReleaseView.model_validate(await gateway.releases.get(session, principal, system, release))


@router.get("/{release}/diff/{other}")
async def compare_releases(
    system: SystemPath,
    release: ReleasePath,
    other: OtherPath,
    session: SessionDep,
    principal: PrincipalDep,
    gateway: GatewayDep,
) -> DiffView:
    """What callers of `release` would meet in `other`: added, removed, changed, and what of it may break them."""
    return _view(await gateway.releases.compare(session, principal, system, release, other))


def _view(comparison: Comparison) -> DiffView:
    changes, callers = comparison.diff, comparison.callers
    return DiffView(
        breaking=changes.level is Level.BREAKING,
        level=_name(changes.level),
        added=list(changes.added),
        removed=[RemovedComponentView(name=name, callers=_callers(callers, name)) for name in changes.removed],
        changed=[_changed(component, callers) for component in changes.changed],
        reordered=changes.reordered,
    )


def _changed(component: ChangedComponent, callers: Mapping[str, Sequence[Use]] | None) -> ChangedComponentView:
    return ChangedComponentView(
        name=component.name,
        level=_name(component.level),
        breaking=component.level is Level.BREAKING,
        reasons=[
            ReasonView(field=reason.field, text=reason.text, level=_name(reason.level)) for reason in component.reasons
        ],
        callers=_callers(callers, component.name),
    )


def _callers(callers: Mapping[str, Sequence[Use]] | None, name: str) -> list[CallerView] | None:
    return [CallerView.model_validate(use) for use in callers.get(name, ())] if callers is not None else None


def _name(level: Level) -> str:
    return level.name.lower()
