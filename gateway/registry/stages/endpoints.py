from fastapi import APIRouter

from gateway.dependencies import CallerDep, GatewayDep
from gateway.fields import StagePath, SystemPath
from gateway.registry.stages.schemas import (
    Activation,
    ActivationView,
    CanaryChange,
    CanaryStatus,
    CanaryView,
    ChangedStage,
    NewCanary,
    NewStage,
    Reason,
    ReleaseCallsView,
    ServedRelease,
    StageChange,
    StageView,
)
from gateway.registry.stages.service import StageOrder
from gateway.snapshot.endpoints import WaitQuery
from gateway.snapshot.schemas import LiveView
from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/systems/{system}/stages", tags=["stages"], route_class=StrictJsonRoute)


@router.get("")
async def list_stages(
    system: SystemPath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> Page[StageView]:
    stages = await gateway.stages.browse(session, principal, system)
    return Page(items=[StageView.model_validate(stage) for stage in stages])


@router.post("", status_code=201)
async def create_stage(
    system: SystemPath, body: NewStage, caller: CallerDep, gateway: GatewayDep, wait: WaitQuery = 2.0
) -> ChangedStage:
    """Makes a stage like another one; it serves its release at once."""
    own = body.model_dump(include={"variables", "envelope", "validate_requests"}, exclude_none=True)
    order = StageOrder(system, body.name, body.like, body.release, body.upstream_url, own)
    stage, revision = await gateway.stages.create(gateway.database, caller, order)
    live = await gateway.live.wait_live(revision, wait)
    return ChangedStage(stage=StageView.model_validate(stage), revision=revision, live=live)


@router.get("/{stage}")
async def get_stage(
    system: SystemPath, stage: StagePath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> StageView:
    return StageView.model_validate(await gateway.stages.get(session, principal, system, stage))


@router.patch("/{stage}")
async def change_stage(
    system: SystemPath,
    stage: StagePath,
    body: StageChange,
    caller: CallerDep,
    gateway: GatewayDep,
    wait: WaitQuery = 2.0,
) -> LiveView:
    async with gateway.database.unit_of_work() as session:
        revision = await gateway.stages.change(session, caller, system, stage, body.model_dump(exclude_none=True))
    return LiveView(revision=revision, live=await gateway.live.wait_live(revision, wait))


@router.delete("/{stage}")
async def remove_stage(
    system: SystemPath, stage: StagePath, caller: CallerDep, gateway: GatewayDep, wait: WaitQuery = 2.0
) -> LiveView:
    async with gateway.database.unit_of_work() as session:
        revision = await gateway.stages.remove(session, caller, system, stage)
    return LiveView(revision=revision, live=await gateway.live.wait_live(revision, wait))


@router.post("/{stage}:activate")
async def activate_release(
    system: SystemPath,
    stage: StagePath,
    body: Activation,
    caller: CallerDep,
    gateway: GatewayDep,
    wait: WaitQuery = 2.0,
) -> LiveView:
    """Has the stage serve a release. `live` says that every gateway process does so already."""
    async with gateway.database.unit_of_work() as session:
        revision = await gateway.rollout.activate(session, caller, system, stage, body.release, body.comment)
    return LiveView(revision=revision, live=await gateway.live.wait_live(revision, wait))


@router.post("/{stage}:rollback")
async def roll_back(
    system: SystemPath, stage: StagePath, body: Reason, caller: CallerDep, gateway: GatewayDep, wait: WaitQuery = 2.0
) -> ServedRelease:
    """Has the stage serve what it served before. Again: what it served before that."""
    async with gateway.database.unit_of_work() as session:
        release, revision = await gateway.rollout.roll_back(session, caller, system, stage, body.comment)
    return ServedRelease(release=release, revision=revision, live=await gateway.live.wait_live(revision, wait))


@router.get("/{stage}/activations")
async def list_activations(
    system: SystemPath,
    stage: StagePath,
    session: SessionDep,
    principal: PrincipalDep,
    page: PageDep,
    gateway: GatewayDep,
) -> Page[ActivationView]:
    """What the stage has served, newest first."""
    found = await gateway.rollout.activations(session, principal, system, stage, page)
    return Page(items=[ActivationView.model_validate(each) for each in found.items], next=found.next)


@router.post("/{stage}/canary", status_code=201)
async def start_canary(
    system: SystemPath, stage: StagePath, body: NewCanary, caller: CallerDep, gateway: GatewayDep, wait: WaitQuery = 2.0
) -> LiveView:
    """Tries a release beside the one the stage serves, for a share of the callers or named apps."""
    async with gateway.database.unit_of_work() as session:
        revision = await gateway.canaries.start(session, caller, system, stage, body.release, body.share, body.apps)
    return LiveView(revision=revision, live=await gateway.live.wait_live(revision, wait))


@router.get("/{stage}/canary")
async def get_canary(
    system: SystemPath, stage: StagePath, session: SessionDep, principal: PrincipalDep, gateway: GatewayDep
) -> CanaryStatus:
    canary, uses = await gateway.canaries.status(session, principal, system, stage)
    return CanaryStatus(
        **CanaryView.model_validate(canary).model_dump(),
        calls=[ReleaseCallsView.model_validate(use) for use in uses],
    )


@router.patch("/{stage}/canary")
async def change_canary(
    system: SystemPath,
    stage: StagePath,
    body: CanaryChange,
    caller: CallerDep,
    gateway: GatewayDep,
    wait: WaitQuery = 2.0,
) -> LiveView:
    async with gateway.database.unit_of_work() as session:
        revision = await gateway.canaries.change(session, caller, system, stage, body.share, body.apps)
    return LiveView(revision=revision, live=await gateway.live.wait_live(revision, wait))


@router.post("/{stage}/canary:promote")
async def promote_canary(
    system: SystemPath, stage: StagePath, body: Reason, caller: CallerDep, gateway: GatewayDep, wait: WaitQuery = 2.0
) -> ServedRelease:
    """Ends the trial with success: everybody gets the release."""
    async with gateway.database.unit_of_work() as session:
        release, revision = await gateway.canaries.promote(session, caller, system, stage, body.comment)
    return ServedRelease(release=release, revision=revision, live=await gateway.live.wait_live(revision, wait))


@router.delete("/{stage}/canary")
async def end_canary(
    system: SystemPath, stage: StagePath, caller: CallerDep, gateway: GatewayDep, wait: WaitQuery = 2.0
) -> LiveView:
    """Ends the trial: everybody gets the stage's own release again."""
    async with gateway.database.unit_of_work() as session:
        revision = await gateway.canaries.end(session, caller, system, stage)
    return LiveView(revision=revision, live=await gateway.live.wait_live(revision, wait))
