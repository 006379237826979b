import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from kernel.contracts.authenticator import Authenticator
from kernel.db.database import Database
from kernel.http.dependencies import PageDep, PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute
from kernel.principal import Principal
from marketplace.dependencies import FormScriptServiceDep, ManifestsDep, ReviewServiceDep
from marketplace.legacy_forms.conversion import Conversion
from marketplace.legacy_forms.service import FormScriptService
from marketplace.package.package import Package, read_package
from marketplace.versions.details import details_of
from marketplace.versions.reading import form_of
from marketplace.versions.review.schemas import (
    DecisionBody,
    SubmissionChangesView,
    SubmissionPreviewView,
    SubmissionState,
    SubmissionView,
)
from marketplace.versions.review.service import ReviewService
from marketplace.versions.review.views import submission_changes_view, submission_preview_view, submission_view
from marketplace.versions.schemas import PluginVersionView
from marketplace.versions.views import version_view

router = APIRouter(tags=["plugins"], route_class=StrictJsonRoute)

SubmissionId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
_ZIP = "application/zip"
_PACKAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {_ZIP: {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/plugin-submissions")
async def list_plugin_submissions(
    session: SessionDep,
    principal: PrincipalDep,
    review: ReviewServiceDep,
    page: PageDep,
    state: Annotated[SubmissionState | None, Query()] = None,
) -> Page[SubmissionView]:
    """Packages in quarantine and what became of others: everybody's for reviewers, one's own for authors."""
    found, cursor = await review.page(session, principal, state.value if state else None, page)
    return Page(items=[submission_view(row) for row in found], next=cursor)


@router.get("/plugin-submissions/{submission}")
async def get_plugin_submission(
    submission: SubmissionId, session: SessionDep, principal: PrincipalDep, review: ReviewServiceDep
) -> SubmissionView:
    return submission_view(await review.read(session, principal, submission))


@router.get("/plugin-submissions/{submission}/package", response_class=Response, responses=_PACKAGE)
async def download_plugin_submission(
    submission: SubmissionId, session: SessionDep, principal: PrincipalDep, review: ReviewServiceDep
) -> Response:
    """The package, to be looked at before it is decided."""
    archive = await review.archive(session, principal, submission)
    headers = {"Content-Disposition": f'attachment; filename="{submission}.zip"'}
    return Response(archive, media_type=_ZIP, headers=headers)


@router.get("/plugin-submissions/{submission}/changes")
async def compare_plugin_submission(
    submission: SubmissionId, request: Request, review: ReviewServiceDep, forms: FormScriptServiceDep
) -> SubmissionChangesView:
    """What it asks for and does otherwise than the published version it stands beside."""
    principal, package, form = await _submitted(submission, request, review, forms)
    database: Database = request.app.state.database
    async with database.reading() as session:
        found = await review.changes(session, principal, submission, package, form)
    return submission_changes_view(found)


@router.get("/plugin-submissions/{submission}/preview")
async def preview_plugin_submission(
    submission: SubmissionId, request: Request, review: ReviewServiceDep, forms: FormScriptServiceDep
) -> SubmissionPreviewView:
    """What its users would read and fill in, as the catalogue would show it."""
    _, package, form = await _submitted(submission, request, review, forms)
    return submission_preview_view(package, form)


@router.post("/plugin-submissions/{submission}:approve", status_code=201)
async def approve_plugin_submission(
    submission: SubmissionId,
    body: DecisionBody,
    request: Request,
    review: ReviewServiceDep,
    manifests: ManifestsDep,
    forms: FormScriptServiceDep,
) -> PluginVersionView:
    """Publishes it, once every check has passed again. Whoever submitted it can't."""
    principal, package, form = await _submitted(submission, request, review, forms)
    database: Database = request.app.state.database
    async with database.unit_of_work() as session:
        version = await review.approve(session, principal, submission, package, form, body.comment)
        found = await details_of(session, version)
    return version_view(found, manifests.manifest_of(version))


@router.post("/plugin-submissions/{submission}:reject")
async def reject_plugin_submission(
    submission: SubmissionId,
    body: DecisionBody,
    session: SessionDep,
    principal: PrincipalDep,
    review: ReviewServiceDep,
) -> SubmissionView:
    """Its author reads the comment."""
    return submission_view(await review.reject(session, principal, submission, body.comment))


@router.post("/plugin-submissions/{submission}:withdraw")
async def withdraw_plugin_submission(
    submission: SubmissionId, session: SessionDep, principal: PrincipalDep, review: ReviewServiceDep
) -> SubmissionView:
    """By whoever submitted it."""
    return submission_view(await review.withdraw(session, principal, submission))


async def _submitted(
    submission: str, request: Request, review: ReviewService, forms: FormScriptService
) -> tuple[Principal, Package, Conversion | None]:
    """Who asks, and what was submitted. No transaction is open while its form is evaluated."""
    database: Database = request.app.state.database
    authenticator: Authenticator = request.app.state.authenticator
    async with database.reading() as session:
        principal = await authenticator.authenticate(session, request)
        archive = await review.archive(session, principal, submission)
    package = await asyncio.to_thread(read_package, archive)
    return principal, package, await form_of(package, forms)
