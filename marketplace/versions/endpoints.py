import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import JSONResponse

from kernel.contracts.authenticator import Authenticator
from kernel.db.database import Database
from kernel.http.dependencies import PrincipalDep, SessionDep, id_of_request
from kernel.principal import Principal
from marketplace.dependencies import (
    FormScriptServiceDep,
    IdentityServiceDep,
    ManifestsDep,
    PackageServiceDep,
    PublishServiceDep,
)
from marketplace.package.images import MEDIA_TYPES
from marketplace.package.package import read_package
from marketplace.publishers.identities.service import PREFIX, IdentityService, PublishRight
from marketplace.versions.details import details_of
from marketplace.versions.packages import PublishedPackage
from marketplace.versions.reading import form_of, read_checked
from marketplace.versions.review.schemas import CheckReport, SubmissionView
from marketplace.versions.review.views import report_view, submission_view
from marketplace.versions.schemas import PluginVersionView
from marketplace.versions.service import PublishService
from marketplace.versions.upload import read_upload
from marketplace.versions.views import version_view

router = APIRouter(tags=["plugins"])
_OK = 200
_ACCEPTED = 202
_ZIP = "application/zip"
_PACKAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {_ZIP: {"schema": {"type": "string", "format": "binary"}}}}
}
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in MEDIA_TYPES.values()}}
}
_UPLOAD: dict[str, Any] = {
    "requestBody": {"required": True, "content": {_ZIP: {"schema": {"type": "string", "format": "binary"}}}}
}

Channel = Annotated[str | None, Query(pattern=r"^[a-z][a-z0-9-]{0,31}$")]


@router.post(
    "/plugins",
    status_code=201,
    response_model=PluginVersionView,
    responses={
        _OK: {"model": PluginVersionView, "description": "The same package was published before"},
        _ACCEPTED: {"model": SubmissionView, "description": "It waits for somebody to approve it"},
    },
    openapi_extra=_UPLOAD,
)
async def publish_plugin(
    request: Request,
    response: Response,
    publishing: PublishServiceDep,
    identities: IdentityServiceDep,
    manifests: ManifestsDep,
    forms: FormScriptServiceDep,
    channel: Channel = None,
) -> Any:
    """Publishes a package; the same package again answers 200 and changes nothing.

    One that asks for more than the version before waits for a person's approval, and 202 is answered.
    """
    # The caller is known before his upload is read, and no transaction is open while it arrives and is evaluated.
    database, principal, right = await _publisher(request, publishing, identities)
    package = await asyncio.to_thread(read_package, await read_upload(request))
    if right is not None:
        right.require(package.manifest.publisher, package.manifest.code)
    form = await form_of(package, forms)
    async with database.unit_of_work() as session:
        published = await publishing.publish(session, principal, package, form, channel)
        if published.version is None:
            view = submission_view(published.submission) if published.submission else None
            return JSONResponse(view.model_dump(mode="json") if view else None, _ACCEPTED)
        found = await details_of(session, published.version)
    if not published.made:
        response.status_code = _OK
    return version_view(found, manifests.manifest_of(published.version))


@router.post("/plugins:check", openapi_extra=_UPLOAD)
async def check_plugin(
    request: Request, publishing: PublishServiceDep, identities: IdentityServiceDep, forms: FormScriptServiceDep
) -> CheckReport:
    """What publishing a package would come to, check by check; changes nothing."""
    database, principal, _ = await _publisher(request, publishing, identities)
    archive = await read_upload(request)
    reading = await read_checked(archive, forms)
    if reading.package is None:
        return report_view(None, reading.checks)
    async with database.reading() as session:
        checks = await publishing.examine(session, principal, reading.package)
    return report_view(reading.package, checks)


async def _publisher(
    request: Request, publishing: PublishService, identities: IdentityService
) -> tuple[Database, Principal, PublishRight | None]:
    """Who publishes: somebody who is signed in, or whose pipeline has exchanged its token for the right to."""
    database: Database = request.app.state.database
    authenticator: Authenticator = request.app.state.authenticator
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    async with database.reading() as session:
        right = None
        if scheme.lower() == "bearer" and token.startswith(PREFIX):
            right = await identities.right_of(session, token.strip(), id_of_request(request))
        principal = right.principal if right is not None else await authenticator.authenticate(session, request)
        await publishing.require_publisher(session, principal)
    return database, principal, right


@router.get("/plugins/{code}/versions/{version}/package", response_class=Response, responses=_PACKAGE)
async def download_plugin_version(
    code: Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{1,63}$")],
    version: Annotated[str, Path(pattern=r"^[0-9A-Za-z.-]{1,64}$")],
    request: Request,
    packages: PackageServiceDep,
) -> Response:
    """The package as it was published, byte for byte."""
    async with request.app.state.database.unit_of_work() as session:
        await request.app.state.authenticator.authenticate(session, request)
        found = await packages.of_version(session, code, version)
    return _package_answer(found)


@router.get("/plugins/{code}/versions/{version}/screenshots/{name}", response_class=Response, responses=_PICTURE)
async def get_plugin_screenshot(
    code: Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{1,63}$")],
    version: Annotated[str, Path(pattern=r"^[0-9A-Za-z.-]{1,64}$")],
    name: Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}\.(png|jpg|webp)$")],
    session: SessionDep,
    principal: PrincipalDep,  # noqa: ARG001  whoever is signed in may browse
    packages: PackageServiceDep,
) -> Response:
    """A picture of the version; it never changes."""
    picture = await packages.screenshot(session, code, version, name)
    headers = {"Cache-Control": "private, max-age=86400, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(picture, media_type=MEDIA_TYPES[name.rpartition(".")[2]], headers=headers)


@router.get("/packages/{digest}", response_class=Response, responses=_PACKAGE)
async def download_package(
    digest: Annotated[str, Path(pattern=r"^sha256:[0-9a-f]{64}$")], request: Request, packages: PackageServiceDep
) -> Response:
    """The package with this content, whatever it is called."""
    async with request.app.state.database.unit_of_work() as session:
        await request.app.state.authenticator.authenticate(session, request)
        found = await packages.of_digest(session, digest)
    return _package_answer(found)


def _package_answer(found: PublishedPackage) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{found.version.plugin_code}-{found.version.version}.zip"',
        "ETag": f'"{found.version.digest}"',
    }
    return Response(found.archive, media_type=_ZIP, headers=headers)
