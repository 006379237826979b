import base64
from collections.abc import Iterable

from fastapi import APIRouter

from gateway.dependencies import CallerDep, GatewayDep
from gateway.fields import ComponentPath, StagePath, SystemPath
from gateway.registry.trials.gateway import TrialRequest
from gateway.registry.trials.schemas import (
    BodyView,
    HeaderView,
    SampleResultView,
    SentView,
    Trial,
    TrialAnswerView,
)
from gateway.registry.trials.sent import SentRequest
from gateway.registry.trials.service import TrialOrder
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/systems/{system}/stages/{stage}", tags=["systems"], route_class=StrictJsonRoute)


@router.post("/components/{component}:try")
async def try_component(
    system: SystemPath,
    stage: StagePath,
    component: ComponentPath,
    body: Trial,
    caller: CallerDep,
    gateway: GatewayDep,
) -> TrialAnswerView:
    """Calls a component as an app would, on your behalf. What the gateway refuses is an answer too."""
    given = body.request
    order = TrialOrder(
        system=system,
        stage=stage,
        component=component,
        request=TrialRequest(given.path, given.query, given.headers, given.body, given.method),
        app_code=body.app_code,
        uses_draft=body.draft,
        record_as=body.record_as,
    )
    answer = await gateway.trials.try_component(gateway.database, caller, order)
    return TrialAnswerView(
        status=answer.status,
        headers=_headers(answer.headers),
        body=_body(answer.body),
        truncated=answer.truncated,
        milliseconds=_milliseconds(answer.seconds),
        upstream=_sent(answer.sent) if answer.sent is not None else None,
    )


@router.post(":run-samples")
async def run_samples(
    system: SystemPath, stage: StagePath, caller: CallerDep, gateway: GatewayDep
) -> Page[SampleResultView]:
    """Runs the samples of the draft on the stage's upstreams: what a release has to pass."""
    results = await gateway.trials.draft_samples(gateway.database, caller, system, stage)
    return Page(
        items=[
            SampleResultView(
                component=result.component,
                sample=result.sample,
                passed=not result.problems,
                status=result.status,
                milliseconds=_milliseconds(result.seconds),
                problems=list(result.problems),
            )
            for result in results
        ]
    )


def _headers(pairs: Iterable[tuple[str, str]]) -> list[HeaderView]:
    return [HeaderView(name=name, value=value) for name, value in pairs]


def _body(body: bytes) -> BodyView:
    try:
        return BodyView(text=body.decode(), is_base64=False)
    except UnicodeDecodeError:
        return BodyView(text=base64.b64encode(body).decode(), is_base64=True)


def _sent(sent: SentRequest) -> SentView:
    return SentView(method=sent.method, url=sent.url, headers=_headers(sent.headers), body=_body(sent.body))


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
