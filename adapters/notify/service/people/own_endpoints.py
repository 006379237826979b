"""A person's own notifications, at the management API: there people sign in themselves."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request

from adapters.notify.service.people.own import OwnNotifications
from adapters.notify.service.people.own_schemas import AddressPut, OwnKindView, OwnNotificationsView, kind_view
from adapters.notify.service.people.schemas import PreferenceChoices, PreferencesView
from kernel.errors import NotFound
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute

router = APIRouter(prefix="/account/notifications", tags=["account"], route_class=StrictJsonRoute)
MsgTypePath = Annotated[str, Path(max_length=32)]


def own_notifications(request: Request) -> OwnNotifications:
    found: OwnNotifications | None = request.app.state.own_notifications
    if found is None:
        raise NotFound("No notification system is served here")
    return found


OwnDep = Annotated[OwnNotifications, Depends(own_notifications)]


@router.get("")
async def get_own_notifications(session: SessionDep, principal: PrincipalDep, own: OwnDep) -> OwnNotificationsView:
    """Where you receive each kind of message, and when you are left alone."""
    kinds = [kind_view(each) for each in await own.kinds(session, principal)]
    return OwnNotificationsView(kinds=kinds, preferences=PreferencesView(**await own.preferences(session, principal)))


@router.put("/addresses/{msg_type}")
async def set_own_address(
    msg_type: MsgTypePath, body: AddressPut, session: SessionDep, principal: PrincipalDep, own: OwnDep
) -> OwnKindView:
    """Where you receive a kind of message. Refused for kinds that administrators made mandatory."""
    return kind_view(await own.set_address(session, principal, msg_type, body.address))


@router.delete("/addresses/{msg_type}")
async def remove_own_address(
    msg_type: MsgTypePath, session: SessionDep, principal: PrincipalDep, own: OwnDep
) -> OwnKindView:
    """Mail goes to the address of your account again; other kinds no longer reach you."""
    return kind_view(await own.set_address(session, principal, msg_type, ""))


@router.put("/preferences")
async def set_own_preferences(
    body: PreferenceChoices, session: SessionDep, principal: PrincipalDep, own: OwnDep
) -> PreferencesView:
    """By which kinds you are told of what, and your quiet hours. Mandatory kinds come anyway."""
    return PreferencesView(**await own.set_preferences(session, principal, body))
