"""What is asked and answered about channels. Passwords and addresses are taken and never answered."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from adapters.notify.service.channels.book import USUAL_ATTEMPTS
from adapters.notify.service.channels.kinds import Kind
from adapters.notify.service.schemas import Asked, Line, Name
from kernel.names import NameRule

MsgType = Annotated[str, Field(min_length=2, max_length=32, pattern=r"^[a-z][a-z0-9_-]*$")]
Label = Annotated[Line, Field(max_length=64), NameRule]
Host = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9.:_-]+$")]


class MailServerSettings(Asked):
    host: Host
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["none", "starttls", "tls"] = Field(
        default="starttls", description="starttls and tls verify the server's certificate."
    )
    username: Annotated[Line, Field(max_length=256)] = ""
    mail_from: Annotated[Line, Field(min_length=3, max_length=320)] = Field(description="Sender of every mail.")
    authority: str = Field(
        default="", max_length=100_000, description="Certificates in PEM by which the server's is verified."
    )


class SetChannel(Asked):
    """A channel that is there already is replaced; a secret that is left out stays."""

    msg_type: MsgType = Field(description="The kind of message by which callers name the channel.")
    kind: Kind
    label: Label = Field(default="", description="Its name in English; the kind of message when left out.")
    label_zh: Label = ""
    is_active: bool = True
    mail: MailServerSettings | None = Field(default=None, description="Of kind mail alone.")
    password: Annotated[str, Field(max_length=1024)] | None = Field(default=None, description="Of the mail server.")
    address: Annotated[str, Field(max_length=2000, pattern=r"^[^\x00-\x20\x7f]*$")] | None = Field(
        default=None,
        description="An Apprise address; `${address}` in it stands for a user's number or handle. "
        "Empty: users have addresses of their own.",
    )
    is_mandatory: bool = Field(
        default=False,
        description="Preferences and quiet hours don't hold it back, and people don't change its address.",
    )
    per_minute: int = Field(default=0, ge=0, le=100_000, description="Messages of all receivers; 0 for no limit.")
    per_receiver_per_hour: int = Field(default=0, ge=0, le=100_000, description="0 for no limit.")
    repeat_minutes: int = Field(
        default=0, ge=0, le=1440, description="For so long the same to the same receiver is counted, not sent."
    )
    attempts: int = Field(default=USUAL_ATTEMPTS, ge=1, le=20, description="How often a delivery is tried at most.")


class OfChannel(Asked):
    msg_type: MsgType


class TestChannel(Asked):
    msg_type: MsgType
    receiver: Name = Field(description="A mail address, phone number or handle; or a user name.")


class ChannelView(BaseModel):
    msg_type: str
    kind: str
    label: str
    label_zh: str
    is_active: bool
    is_set: bool = Field(description="false: as it came, nothing was set.")
    is_mandatory: bool
    mail: MailServerSettings | None
    has_password: bool
    address: str = Field(description="Without its secret part.")
    per_minute: int
    per_receiver_per_hour: int
    repeat_minutes: int
    attempts: int


class ChannelName(BaseModel):
    msg_type: str


class TestResult(BaseModel):
    sent: bool
    detail: str = Field(description="What the other side said, or what went wrong.")
    seconds: float
