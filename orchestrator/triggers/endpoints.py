from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request

from kernel.errors import FieldProblem, PayloadTooLarge
from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.field_problems import field_problem_views
from kernel.http.pages import Page
from kernel.http.query_names import OTHERS_LEAD_HERE
from kernel.http.strict_json import StrictJsonRoute
from kernel.secret_handles import masked
from orchestrator.common_flows.schemas import InProject
from orchestrator.dependencies import HookDoorDep, TriggerServiceDep, TriggerTrialsDep
from orchestrator.triggers.door import Knock
from orchestrator.triggers.models import TriggerRun
from orchestrator.triggers.schemas import (
    HookAnswer,
    TriggerBody,
    TriggerChange,
    TriggerReplacement,
    TriggerRunView,
    TriggerTrialBody,
    TriggerTrialView,
    TriggerView,
    TriggerWithSecret,
)
from orchestrator.triggers.service import Made, Seen, Wanted

router = APIRouter(tags=["triggers"], route_class=StrictJsonRoute)
door_router = APIRouter(tags=["triggers"])

MAX_BYTES = 256 * 1024
_BODY = {"requestBody": {"content": {"application/json": {"schema": {}}}, "required": True}}
Key = Annotated[str | None, Header(pattern=r"^[\x21-\x7e]{1,200}$")]


@router.get("/projects/{project}/triggers")
async def list_triggers(
    project: str,
    session: SessionDep,
    principal: PrincipalDep,
    triggers: TriggerServiceDep,
    page: PageDep,
    flow: Annotated[str | None, Query(pattern=r"^[0-9a-f]{32}$")] = None,
) -> Page[TriggerView]:
    """Those of a project, or of one of its flows, the newest first."""
    found = await triggers.list_in_project(session, principal, project, flow, page)
    return Page(items=[_view(each) for each in found.items], next=found.next)


@router.post("/flows/{flow}/triggers", status_code=201)
async def create_trigger(
    flow: str,
    body: TriggerBody,
    session: SessionDep,
    principal: PrincipalDep,
    triggers: TriggerServiceDep,
    project: InProject = None,
) -> TriggerWithSecret:
    """Tasks of the flow start when something changes in the inventory, or when an address is called.

    They start for the caller. The secret of a webhook is answered this once.
    """
    made = await triggers.create(session, principal, flow, body.kind, body.resource or "", _wanted(body), project)
    return _with_secret(made)


@router.post("/flows/{flow}/triggers:try")
async def try_trigger(
    flow: str,
    body: TriggerTrialBody,
    session: SessionDep,
    principal: PrincipalDep,
    trials: TriggerTrialsDep,
    project: InProject = None,
) -> TriggerTrialView:
    """What a trigger would make of something that comes; nothing is kept or started."""
    wanted = _wanted(body.trigger)
    trial = await trials.try_out(session, principal, flow, body.trigger.kind, wanted, body.sample, project)
    problems = field_problem_views(trial.problems)
    inputs = None if trial.inputs is None else masked(dict(trial.inputs))
    return TriggerTrialView(passes=trial.passes, inputs=inputs, event_key=trial.event_key, problems=problems)


@router.get("/triggers/{trigger}")
async def get_trigger(
    trigger: str, session: SessionDep, principal: PrincipalDep, triggers: TriggerServiceDep
) -> TriggerView:
    return _view(await triggers.get(session, principal, trigger))


@router.put("/triggers/{trigger}")
async def replace_trigger(
    trigger: str,
    body: TriggerReplacement,
    session: SessionDep,
    principal: PrincipalDep,
    triggers: TriggerServiceDep,
) -> TriggerView:
    """The caller becomes its owner: the person for whom, and by whose rights, tasks start. Refused when somebody
    changed it since `version`.
    """
    return _view(await triggers.replace(session, principal, trigger, _wanted(body), body.version))


@router.delete("/triggers/{trigger}", status_code=204)
async def delete_trigger(
    trigger: str, session: SessionDep, principal: PrincipalDep, triggers: TriggerServiceDep
) -> None:
    await triggers.remove(session, principal, trigger)


@router.post("/triggers/{trigger}:enable")
async def enable_trigger(
    trigger: str, session: SessionDep, principal: PrincipalDep, triggers: TriggerServiceDep
) -> TriggerView:
    """It hears of what happens from then on."""
    return _view(await triggers.switch(session, principal, trigger, enabled=True))


@router.post("/triggers/{trigger}:disable")
async def disable_trigger(
    trigger: str, session: SessionDep, principal: PrincipalDep, triggers: TriggerServiceDep
) -> TriggerView:
    return _view(await triggers.switch(session, principal, trigger, enabled=False))


@router.post("/triggers/{trigger}:rotate-secret")
async def rotate_trigger_secret(
    trigger: str, session: SessionDep, principal: PrincipalDep, triggers: TriggerServiceDep
) -> TriggerWithSecret:
    """A new secret, answered this once; the old one is worth nothing from now on."""
    return _with_secret(await triggers.rotate_secret(session, principal, trigger))


@router.get("/triggers/{trigger}/runs")
async def list_trigger_runs(
    trigger: str, session: SessionDep, principal: PrincipalDep, triggers: TriggerServiceDep, page: PageDep
) -> Page[TriggerRunView]:
    """What came and what was made of it, the newest first; refusals with the reason."""
    found = await triggers.runs(session, principal, trigger, page)
    return Page(items=[_run_view(run) for run in found.items], next=found.next)


async def _body(request: Request) -> bytes:
    """Read before anything is asked of the database: a sender who takes his time must hold up nobody."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BYTES:
            problem = FieldProblem("body", "is too large", f"Send at most {MAX_BYTES} bytes")
            raise PayloadTooLarge(f"A webhook's call has at most {MAX_BYTES} bytes", fields=[problem])
    return bytes(body)


@door_router.post("/hooks/{trigger}", status_code=202, openapi_extra=_BODY, dependencies=[OTHERS_LEAD_HERE])
async def receive_hook(
    trigger: str,
    request: Request,
    body: Annotated[bytes, Depends(_body)],
    door: HookDoorDep,
    idempotency_key: Key = None,  # noqa: ARG001  checked here, read with the other headers
) -> HookAnswer:
    """Starts a task of what is sent. Nobody signs in: the trigger's secret signs the message, or is the bearer's."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    return HookAnswer(task_id=await door.receive(Knock(trigger, headers, body)))


def _wanted(body: TriggerChange) -> Wanted:
    return Wanted(
        body.name,
        body.condition,
        body.mapping,
        body.revision,
        tuple(body.event_types),
        body.authentication,
        body.payload_schema,
        body.per_minute,
        body.event,
        body.event_key,
        tuple(dict.fromkeys(body.schemes)),
    )


def _with_secret(made: Made) -> TriggerWithSecret:
    return TriggerWithSecret(trigger=_view(made.seen), secret=made.secret)


def _view(seen: Seen) -> TriggerView:
    last = _run_view(seen.last_run) if seen.last_run is not None else None
    fields = seen.trigger.model_dump(exclude={"sealed_secret"}) | {"mapping": masked(seen.trigger.mapping)}
    return TriggerView.model_validate({**fields, "address": seen.address, "problem": seen.problem, "last_run": last})


def _run_view(run: TriggerRun) -> TriggerRunView:
    return TriggerRunView.model_validate(run.model_dump(exclude={"trigger_id"}))
