"""What people are told of their own notifications."""

from typing import Annotated

from pydantic import BaseModel, Field

from adapters.notify.service.people.own import AddressFrom, OwnKind
from adapters.notify.service.people.schemas import PreferencesView
from adapters.notify.service.schemas import Asked


class AddressPut(Asked):
    address: Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^[^\x00-\x20\x7f]*$")] = Field(
        description="A mail address, phone number, handle, or an Apprise address such as jsons://host/path."
    )


class OwnKindView(BaseModel):
    msg_type: str
    kind: str
    label: str
    label_zh: str
    is_mandatory: bool = Field(description="It comes whatever the preferences say, to the address administrators set.")
    address: str = Field(description="Without its secret part.")
    address_from: AddressFrom
    can_change: bool


class OwnNotificationsView(BaseModel):
    kinds: list[OwnKindView]
    preferences: PreferencesView


def kind_view(own: OwnKind) -> OwnKindView:
    channel = own.channel
    return OwnKindView(
        msg_type=channel.msg_type,
        kind=channel.kind.value,
        label=channel.label.en,
        label_zh=channel.label.zh,
        is_mandatory=channel.is_mandatory,
        address=own.address,
        address_from=own.address_from,
        can_change=own.can_change,
    )
