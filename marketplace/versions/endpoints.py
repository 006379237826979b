import asyncio
from dataclasses import replace

from fastapi import APIRouter, Request, Response

from kernel.contracts.authenticator import Authenticator
from kernel.db.database import Database
from marketplace.dependencies import FormScriptServiceDep, ManifestsDep, PublishServiceDep
from marketplace.legacy_forms.conversion import Conversion
from marketplace.legacy_forms.errors import FormRefused
from marketplace.legacy_forms.service import FormScriptService
from marketplace.package.errors import PackageRefused
from marketplace.package.limits import FORM_SCRIPT
from marketplace.package.package import Package, read_package
from marketplace.versions.schemas import PluginVersionView
from marketplace.versions.upload import read_upload
from marketplace.versions.views import version_view

router = APIRouter(tags=["plugins"])
_OK = 200


@router.post(
    "/plugins",
    status_code=201,
    responses={_OK: {"model": PluginVersionView, "description": "The same package was published before"}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def publish_plugin(
    request: Request,
    response: Response,
    publishing: PublishServiceDep,
    manifests: ManifestsDep,
    forms: FormScriptServiceDep,
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
        version, made = await publishing.publish(session, principal, package, form)
    if not made:
        response.status_code = _OK
    return version_view(version, manifests.manifest_of(version))


async def _form_of(package: Package, forms: FormScriptService) -> Conversion | None:
    if not package.form_script:
        return None
    try:
        return await forms.convert(package.form_script)
    except FormRefused as refusal:
        fields = [replace(field, field=f"{FORM_SCRIPT}: {field.field}") for field in refusal.fields]
        raise PackageRefused(fields) from refusal
