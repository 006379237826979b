import asyncio
import contextlib
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from kernel.contracts.authenticator import Authenticator
from kernel.db.database import Database
from kernel.errors import TrunklineError
from kernel.principal import Principal
from marketplace.bundles.archive import MAX_BUNDLE, Bundle, BundledPackage, read_bundle
from marketplace.bundles.schemas import BundleReport
from marketplace.bundles.service import BundleService, Incoming, RefusedPackage, refusal_of
from marketplace.dependencies import BundleServiceDep, FormScriptServiceDep
from marketplace.legacy_forms.service import FormScriptService
from marketplace.package.package import read_package
from marketplace.versions.reading import form_of
from marketplace.versions.upload import read_upload

router = APIRouter(tags=["plugins"])

_ZIP = "application/zip"
_CONTENT = {_ZIP: {"schema": {"type": "string", "format": "binary"}}}
_BUNDLE: dict[int | str, dict[str, Any]] = {200: {"content": _CONTENT}}
Wanted = Annotated[
    list[Annotated[str, Query(pattern=r"^[a-z][a-z0-9_]{1,63}@[0-9A-Za-z.-]{1,64}$")]], Query(max_length=200)
]


@router.get("/plugin-bundles", response_class=Response, responses=_BUNDLE)
async def get_plugin_bundle(request: Request, bundles: BundleServiceDep, plugin: Wanted) -> Response:
    """Published versions, each as `CODE@VERSION`, in one file with their signatures; plugins that flows among them
    need come along.
    """
    wanted = [(code, version) for code, _, version in (each.partition("@") for each in plugin)]
    async with request.app.state.database.unit_of_work() as session:
        await request.app.state.authenticator.authenticate(session, request)
        content = await bundles.write(session, wanted)
    headers = {"Content-Disposition": 'attachment; filename="plugins.bundle.zip"'}
    return Response(content, media_type=_ZIP, headers=headers)


@router.post("/plugin-bundles", openapi_extra={"requestBody": {"required": True, "content": _CONTENT}})
async def take_plugin_bundle(request: Request, bundles: BundleServiceDep, forms: FormScriptServiceDep) -> BundleReport:
    """Publishes every package of a bundle, with every check; all of them or none."""
    database, principal, bundle = await _uploaded(request, bundles)
    incoming = [await _incoming(listed, forms) for listed in bundle.packages]
    async with database.unit_of_work() as session:
        results = await bundles.take(session, principal, incoming)
    return BundleReport(packages=results, flows=len(bundle.flows))


@router.post("/plugin-bundles:preview", openapi_extra={"requestBody": {"required": True, "content": _CONTENT}})
async def preview_plugin_bundle(
    request: Request, bundles: BundleServiceDep, forms: FormScriptServiceDep
) -> BundleReport:
    """What taking a bundle would come to, package by package; changes nothing."""
    database, principal, bundle = await _uploaded(request, bundles)
    incoming = [await _tried(listed, forms) for listed in bundle.packages]
    with contextlib.suppress(_ThrownAway):
        async with database.unit_of_work() as session:
            results = await bundles.preview(session, principal, incoming)
            raise _ThrownAway
    return BundleReport(packages=results, flows=len(bundle.flows))


class _ThrownAway(Exception):
    """Ends a unit of work that was only tried."""


async def _uploaded(request: Request, bundles: BundleService) -> tuple[Database, Principal, Bundle]:
    """As with a single package: no transaction is open while the bundle arrives and its forms are evaluated."""
    database: Database = request.app.state.database
    authenticator: Authenticator = request.app.state.authenticator
    async with database.reading() as session:
        principal = await authenticator.authenticate(session, request)
        await bundles.require_publisher(session, principal)
    return database, principal, await asyncio.to_thread(read_bundle, await read_upload(request, MAX_BUNDLE))


async def _tried(listed: BundledPackage, forms: FormScriptService) -> Incoming | RefusedPackage:
    try:
        return await _incoming(listed, forms)
    except TrunklineError as error:
        return RefusedPackage(listed, error)


async def _incoming(listed: BundledPackage, forms: FormScriptService) -> Incoming:
    try:
        package = await asyncio.to_thread(read_package, listed.archive)
        return Incoming(listed, package, await form_of(package, forms))
    except TrunklineError as error:
        raise refusal_of(listed, error) from error
