import asyncio
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from kernel.contracts.authenticator import Authenticator
from kernel.db.database import Database
from marketplace.dependencies import FormScriptServiceDep, ManifestsDep, PackageServiceDep, PublishServiceDep
from marketplace.legacy_forms.conversion import Conversion
from marketplace.legacy_forms.errors import FormRefused
from marketplace.legacy_forms.service import FormScriptService
from marketplace.package.errors import PackageRefused
from marketplace.package.limits import FORM_SCRIPT
from marketplace.package.package import Package, read_package
from marketplace.versions.details import details_of
from marketplace.versions.packages import PublishedPackage
from marketplace.versions.schemas import PluginVersionView
from marketplace.versions.upload import read_upload
from marketplace.versions.views import version_view

router = APIRouter(tags=["plugins"])
_OK = 200
_ZIP = "application/zip"
_PACKAGE: dict[int | str, dict[str, Any]] = {
    200: {"content": {_ZIP: {"schema": {"type": "string", "format": "binary"}}}}
}

Channel = Annotated[str | None, Query(pattern=r"^[a-z][a-z0-9-]{0,31}$")]


@router.post(
    "/plugins",
    status_code=201,
    responses={_OK: {"model": PluginVersionView, "description": "The same package was published before"}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {_ZIP: {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def publish_plugin(
    request: Request,
    response: Response,
    publishing: PublishServiceDep,
    manifests: ManifestsDep,
    forms: FormScriptServiceDep,
    channel: Channel = None,
) -> PluginVersionView:
    """Publishes a package; the same package again answers 200 and changes nothing."""
    # The caller is known before his upload is read, and no transaction is open while it arrives and is evaluated.
    database: Database = request.app.state.database
    authenticator: Authenticator = request.app.state.authenticator
    async with database.reading() as session:
        principal = await authenticator.authenticate(session, request)
        await publishing.require_publisher(session, principal)
    package = await asyncio.to_thread(read_package, await read_upload(request))
    form = await _form_of(package, forms)
    async with database.unit_of_work() as session:
        version, made = await publishing.publish(session, principal, package, form, channel)
        found = await details_of(session, version)
    if not made:
        response.status_code = _OK
    return version_view(found, manifests.manifest_of(version))


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


async def _form_of(package: Package, forms: FormScriptService) -> Conversion | None:
    if not package.form_script:
        return None
    try:
        return await forms.convert(package.form_script)
    except FormRefused as refusal:
        fields = [replace(field, field=f"{FORM_SCRIPT}: {field.field}") for field in refusal.fields]
        raise PackageRefused(fields) from refusal
