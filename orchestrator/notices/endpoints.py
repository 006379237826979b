from typing import Annotated

from fastapi import APIRouter, Path

from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute
from orchestrator.dependencies import FlowWebhookServiceDep, NoticeServiceDep
from orchestrator.notices.models import FlowNotices, FlowWebhook, Notice
from orchestrator.notices.schemas import (
    FlowWebhookView,
    GroupBody,
    GroupList,
    GroupView,
    NoticesBody,
    NoticesSecret,
    NoticesView,
    NoticeView,
)
from orchestrator.notices.service import Wanted

router = APIRouter(tags=["notices"], route_class=StrictJsonRoute)

GroupPath = Annotated[str, Path(pattern=r"^[^\x00-\x1f\x7f/]{1,100}$")]


@router.get("/flows/{flow}/notices")
async def get_flow_notices(
    flow: str,
    session: SessionDep,
    principal: PrincipalDep,
    notices: NoticeServiceDep,
    webhooks: FlowWebhookServiceDep,
) -> NoticesView:
    """Who is told of the flow's tasks, and of what."""
    return _settings(await notices.get(session, principal, flow), await webhooks.get(session, principal, flow))


@router.put("/flows/{flow}/notices")
async def put_flow_notices(
    flow: str,
    body: NoticesBody,
    session: SessionDep,
    principal: PrincipalDep,
    notices: NoticeServiceDep,
    webhooks: FlowWebhookServiceDep,
) -> NoticesView:
    """Counts for tasks launched from now on."""
    wanted = Wanted(
        tuple(dict.fromkeys(body.events)),
        body.launcher,
        tuple(dict.fromkeys(body.people)),
        tuple(dict.fromkeys(body.groups)),
        body.url,
    )
    kept = await notices.put(session, principal, flow, wanted)
    return _settings(kept, await webhooks.get(session, principal, flow))


@router.delete("/flows/{flow}/notices/webhook", status_code=204)
async def delete_flow_webhook(
    flow: str, session: SessionDep, principal: PrincipalDep, webhooks: FlowWebhookServiceDep
) -> None:
    """The address that a client of Standard OPS has set is told nothing more."""
    await webhooks.remove_one(session, principal, flow)


@router.post("/flows/{flow}/notices:rotate-secret")
async def rotate_flow_notices_secret(
    flow: str, session: SessionDep, principal: PrincipalDep, notices: NoticeServiceDep
) -> NoticesSecret:
    """Makes the secret that signs webhooks and callbacks of the flow's tasks, anew; answered this once."""
    return NoticesSecret(secret=await notices.rotate_secret(session, principal, flow))


@router.get("/flows/{flow}/notices/deliveries")
async def list_flow_deliveries(
    flow: str, session: SessionDep, principal: PrincipalDep, notices: NoticeServiceDep, page: PageDep
) -> Page[NoticeView]:
    """What was told and what waits to be, the newest first."""
    found = await notices.notices(session, principal, flow, page)
    return Page(items=[_view(notice) for notice in found.items], next=found.next)


@router.post("/flows/{flow}/notices/deliveries/{delivery}:send-again")
async def send_flow_delivery_again(
    flow: str, delivery: str, session: SessionDep, principal: PrincipalDep, notices: NoticeServiceDep
) -> NoticeView:
    return _view(await notices.send_again(session, principal, flow, delivery))


@router.get("/projects/{project}/notice-groups")
async def list_notice_groups(
    project: str, session: SessionDep, principal: PrincipalDep, notices: NoticeServiceDep
) -> GroupList:
    """People of the project who are told together."""
    found = await notices.groups(session, principal, project)
    return GroupList(items=[GroupView(name=group.name, people=group.people) for group in found])


@router.put("/projects/{project}/notice-groups/{group}")
async def put_notice_group(
    project: str,
    group: GroupPath,
    body: GroupBody,
    session: SessionDep,
    principal: PrincipalDep,
    notices: NoticeServiceDep,
) -> GroupView:
    kept = await notices.put_group(session, principal, project, group, body.people)
    return GroupView(name=kept.name, people=kept.people)


@router.delete("/projects/{project}/notice-groups/{group}", status_code=204)
async def delete_notice_group(
    project: str, group: GroupPath, session: SessionDep, principal: PrincipalDep, notices: NoticeServiceDep
) -> None:
    """Flows that name it tell nobody of it any more."""
    await notices.remove_group(session, principal, project, group)


def _settings(settings: FlowNotices | None, webhook: FlowWebhook | None) -> NoticesView:
    shown = None if webhook is None else FlowWebhookView.model_validate(webhook.model_dump(exclude={"sealed_headers"}))
    if settings is None:
        return NoticesView(
            events=[], launcher=False, people=[], groups=[], url="", has_secret=False, webhook=shown,
            updated_by=None, updated_at=None,
        )  # fmt: skip
    fields = settings.model_dump(exclude={"sealed_secret"})
    return NoticesView.model_validate({**fields, "has_secret": bool(settings.sealed_secret), "webhook": shown})


def _view(notice: Notice) -> NoticeView:
    return NoticeView.model_validate(notice.model_dump())
