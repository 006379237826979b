from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Response

from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.field_problems import field_problem_views
from kernel.http.strict_json import StrictJsonRoute
from marketplace.dependencies import DraftServiceDep
from marketplace.drafts.schemas import (
    DraftBody,
    DraftCheckView,
    DraftSummaryView,
    StartBody,
    TrialView,
    TryBody,
)
from marketplace.drafts.service import Draft
from marketplace.drafts.trial import SampleAnswer
from marketplace.package.manifest import Manifest
from marketplace.versions.schemas import PluginFormView

router = APIRouter(tags=["plugin drafts"], route_class=StrictJsonRoute)
_ZIP = "application/zip"
_PACKAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {_ZIP: {"schema": {"type": "string", "format": "binary"}}}}
}


@router.post("/plugin-drafts:start")
async def start_plugin_draft(
    body: StartBody, session: SessionDep, principal: PrincipalDep, drafts: DraftServiceDep
) -> DraftBody:
    """The texts of a plugin that calls one component, to begin with."""
    draft = await drafts.start(session, principal, body.component, body.code, body.publisher)
    return DraftBody(**asdict(draft))


@router.post("/plugin-drafts:check")
async def check_plugin_draft(
    body: DraftBody, session: SessionDep, principal: PrincipalDep, drafts: DraftServiceDep
) -> DraftCheckView:
    """Everything publication would find wrong, and what the draft asks for and looks like."""
    checked = await drafts.check(session, principal, _draft(body))
    return DraftCheckView(
        problems=field_problem_views(checked.problems),
        draft=_summary(checked.manifest) if checked.manifest is not None else None,
    )


@router.post("/plugin-drafts:try")
async def try_plugin_draft(
    body: TryBody, session: SessionDep, principal: PrincipalDep, drafts: DraftServiceDep
) -> TrialView:
    """What the draft would call with these inputs, and what it would make of made-up answers. Nothing is sent."""
    answers = [SampleAnswer(answer.status, answer.response) for answer in body.answers]
    tried = await drafts.attempt(session, principal, body.manifest, body.inputs, answers, body.callbacks)
    return TrialView.model_validate(asdict(tried))


@router.post("/plugin-drafts:pack", response_class=Response, responses=_PACKAGE)
async def pack_plugin_draft(
    body: DraftBody, session: SessionDep, principal: PrincipalDep, drafts: DraftServiceDep
) -> Response:
    """The draft as a package, as `POST /v1/plugins` takes it."""
    package = await drafts.pack(session, principal, _draft(body))
    name = f"{package.manifest.code}-{package.manifest.version}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(package.archive, media_type=_ZIP, headers=headers)


def _draft(body: DraftBody) -> Draft:
    return Draft(body.manifest, body.readme, body.changelog)


def _summary(manifest: Manifest) -> DraftSummaryView:
    return DraftSummaryView(
        code=manifest.code,
        version=manifest.version,
        kind=manifest.kind,
        name=manifest.name,
        description=manifest.description,
        inputs=manifest.inputs,
        outputs=manifest.outputs,
        form=PluginFormView.model_validate(manifest.form_document()),
        scopes=manifest.scopes,
        components=manifest.components(),
    )
