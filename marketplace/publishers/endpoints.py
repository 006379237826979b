from typing import Annotated

from fastapi import APIRouter, Path

from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.pages import Page
from kernel.http.strict_json import StrictJsonRoute
from marketplace.dependencies import PublisherServiceDep
from marketplace.publishers.models import NamespaceRow
from marketplace.publishers.schemas import NamespaceBody, NamespaceView, PublisherView

router = APIRouter(tags=["plugins"], route_class=StrictJsonRoute)

Prefix = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{1,62}$")]


@router.get("/publishers")
async def list_publishers(
    session: SessionDep,
    principal: PrincipalDep,  # noqa: ARG001  whoever is signed in may browse
    publishers: PublisherServiceDep,
) -> Page[PublisherView]:
    found = await publishers.publishers(session)
    items = [PublisherView(name=row.name, owner=row.owner, created_at=row.created_at) for row in found]
    return Page(items=items, next=None)


@router.get("/plugin-namespaces")
async def list_plugin_namespaces(
    session: SessionDep,
    principal: PrincipalDep,  # noqa: ARG001  authors must know what they can't choose
    publishers: PublisherServiceDep,
) -> Page[NamespaceView]:
    found = await publishers.namespaces(session)
    return Page(items=[_namespace_view(row) for row in found], next=None)


@router.put("/plugin-namespaces/{prefix}")
async def reserve_plugin_namespace(
    prefix: Prefix,
    body: NamespaceBody,
    session: SessionDep,
    principal: PrincipalDep,
    publishers: PublisherServiceDep,
) -> NamespaceView:
    """Keeps new codes that begin with the prefix for these publishers."""
    return _namespace_view(await publishers.reserve(session, principal, prefix, body.publishers))


@router.delete("/plugin-namespaces/{prefix}", status_code=204)
async def release_plugin_namespace(
    prefix: Prefix, session: SessionDep, principal: PrincipalDep, publishers: PublisherServiceDep
) -> None:
    await publishers.release(session, principal, prefix)


def _namespace_view(row: NamespaceRow) -> NamespaceView:
    return NamespaceView(
        prefix=row.prefix, publishers=row.publishers, reserved_by=row.reserved_by, reserved_at=row.reserved_at
    )
