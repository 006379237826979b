"""What components of the notification system are asked and answer (reference: BlueKing cmsi components)."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from adapters.notify.service.content import AttachedFile, BodyFormat, Content, decoded
from adapters.notify.service.people.preferences import Importance
from adapters.notify.service.receivers import LONGEST, MAX_RECEIVERS, split_receivers

MAX_CONTENT = 2_000_000
MAX_ATTACHMENTS = 20

Name = Annotated[str, Field(min_length=1, max_length=LONGEST)]
Receivers = Annotated[
    list[Name],
    BeforeValidator(split_receivers, json_schema_input_type=list[str] | str),
    Field(max_length=MAX_RECEIVERS, description="A list, or text split on commas, semicolons and white space."),
]
Text = Annotated[str, Field(min_length=1, max_length=MAX_CONTENT)]
Line = Annotated[str, Field(max_length=512, pattern=r"^[^\x00-\x1f\x7f\x85\u2028\u2029]*$")]


Topic = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9_.:/-]*$")]
State = Literal["waiting", "handing_over", "sent", "failed", "unknown", "duplicate", "muted"]


class Asked(BaseModel):
    """Parameters: what a component doesn't know it passes over, since clients send their credentials here too."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Nothing(Asked):
    """No parameters."""


class Attachment(Asked):
    filename: Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f\x85\u2028\u2029/\\]*$")]
    content: str = Field(description="In base64.")
    type: str | None = Field(default=None, max_length=128, pattern=r"^[\w.+-]+/[\w.+-]+$")
    disposition: Literal["attachment", "inline"] = "attachment"
    content_id: Annotated[str, Field(max_length=128, pattern=r"^[\w.@<>+-]*$")] = ""


class Marked(Asked):
    """What a message is about, by which receivers choose whether and when it comes."""

    importance: Importance = Field(default="normal", description="What is urgent comes in quiet hours too.")
    topic: Topic = ""


class Written(Marked):
    """What mails and messages say."""

    title: Annotated[Line, Field(min_length=1)]
    content: Text
    is_content_base64: bool = False
    sender: Line = Field(default="", description="Where answers go; the message itself comes from our own address.")
    body_format: BodyFormat = "Html"
    attachments: list[Attachment] = Field(default_factory=list, max_length=MAX_ATTACHMENTS)

    def to_content(self) -> Content:
        """Raises:
        ParameterWrong: the content is not the base64 it says it is.
        """
        text = decoded(self.content, "content", is_base64=self.is_content_base64)
        files = tuple(
            AttachedFile(one.filename, one.content, one.type or "", one.disposition, one.content_id)
            for one in self.attachments
        )
        return Content(self.title, text, self.body_format, self.sender, files)


class SendMail(Written):
    """`receiver` beats `receiver__username`; what contains an `@` is an address anywhere."""

    receiver: Receivers = Field(default_factory=list)
    receiver__username: Receivers = Field(default_factory=list)
    cc: Receivers = Field(default_factory=list)
    cc__username: Receivers = Field(default_factory=list)


class SendMessage(Written):
    msg_type: Annotated[str, Field(min_length=1, max_length=32)]
    receiver: Receivers = Field(default_factory=list)
    receiver__username: Receivers = Field(default_factory=list)
    cc__username: Receivers = Field(default_factory=list)


class SendSms(Marked):
    """`receiver` are phone numbers and beat `receiver__username`."""

    receiver: Receivers = Field(default_factory=list)
    receiver__username: Receivers = Field(default_factory=list)
    content: Text
    is_content_base64: bool = False

    def to_content(self) -> Content:
        return Content("", decoded(self.content, "content", is_base64=self.is_content_base64))


class WeixinData(Asked):
    heading: Annotated[Line, Field(min_length=1)]
    message: Text
    date: Line = ""
    remark: Line = ""
    is_message_base64: bool = False


class SendWeixin(Marked):
    """`receiver` are names by which WeCom knows people and beat `receiver__username`."""

    receiver: Receivers = Field(default_factory=list)
    receiver__username: Receivers = Field(default_factory=list)
    data: WeixinData

    def to_content(self) -> Content:
        asked = self.data
        message = decoded(asked.message, "data.message", is_base64=asked.is_message_base64)
        return Content(asked.heading, "\n".join(part for part in (message, asked.date, asked.remark) if part))


class VoiceReceiver(Asked):
    username: Name
    mobile_phone: Annotated[str, Field(max_length=32)] = ""


class SendVoiceMessage(Marked):
    """`user_list_information` beats `receiver__username`."""

    auto_read_message: Annotated[str, Field(min_length=1, max_length=2000)]
    user_list_information: list[VoiceReceiver] = Field(default_factory=list, max_length=MAX_RECEIVERS)
    receiver__username: Receivers = Field(default_factory=list)

    def to_content(self) -> Content:
        return Content("", self.auto_read_message)


class NotifyUsers(Marked):
    """A text or a template, to each user by the kinds he prefers."""

    receiver__username: Receivers = Field(min_length=1)
    title: Line = ""
    content: Annotated[str, Field(max_length=MAX_CONTENT)] = ""
    body_format: BodyFormat = "Html"
    template: Annotated[str, Field(max_length=64)] = Field(default="", description="Instead of title and content.")
    template_version: int | None = Field(default=None, ge=1, le=1_000_000)
    template_values: dict[str, Any] = Field(default_factory=dict)
    language: Literal["", "en", "zh"] = Field(default="", description="Empty: each user's own.")
    msg_types: list[Annotated[str, Field(min_length=1, max_length=32)]] = Field(
        default_factory=lambda: ["mail"], min_length=1, max_length=20, description="For users without a preference."
    )


class UpdateAddress(Asked):
    username: Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\s,;@]+$")]
    msg_type: Annotated[str, Field(min_length=1, max_length=32)] = "mail"
    address: Annotated[str, Field(max_length=2000, pattern=r"^[^\x00-\x20\x7f]*$")] = Field(
        description="A mail address, or an Apprise address such as json://host/path; empty removes it."
    )


class ListAddresses(Asked):
    username: Receivers = Field(default_factory=list)


class ListDeliveries(Asked):
    message_id: Annotated[str, Field(max_length=32)] | None = None
    idempotency_key: Annotated[str, Field(max_length=255)] | None = None
    limit: int = Field(default=50, ge=1, le=200)


class OfMessage(Asked):
    message_id: Annotated[str, Field(min_length=1, max_length=32)]


class SearchDeliveries(Asked):
    """Deliveries of every app, newest first."""

    app: Annotated[str, Field(max_length=128)] = ""
    message_id: Annotated[str, Field(max_length=32)] = ""
    receiver: Annotated[str, Field(max_length=LONGEST, description="How the receiver begins.")] = ""
    msg_type: Annotated[str, Field(max_length=32)] = ""
    state: list[State] = Field(default_factory=list)
    since: AwareDatetime | None = None
    before: Annotated[str, Field(max_length=32, description="`next` of the page before.")] = ""
    limit: int = Field(default=50, ge=1, le=200)


class OfDelivery(Asked):
    id: Annotated[str, Field(min_length=1, max_length=32)]


class MessageType(BaseModel):
    type: str
    label: str
    label_zh: str
    is_active: bool
    icon: str = Field(description="An SVG picture in base64.")


class UsernameCheck(BaseModel):
    invalid: list[str]


class DeliveryView(BaseModel):
    receiver: str
    msg_type: str
    state: str = Field(
        description="sent, failed, unknown when the other side broke off, duplicate, or muted; "
        "waiting or handing_over before."
    )
    error: str


class Sent(BaseModel):
    message_id: str
    message_ids: list[str] = Field(description="Of several kinds of message, one each.")
    is_settled: bool = Field(description="false while a receiver waits for another attempt.")
    username_check: UsernameCheck
    deliveries: list[DeliveryView]


class AddressView(BaseModel):
    username: str
    msg_type: str
    address: str = Field(description="Without its secret part.")
    updated_at: str


class DeliveryRecord(DeliveryView):
    id: str
    message_id: str
    title: str
    app: str
    address: str = Field(description="Of an address that is a secret only its kind.")
    is_copy: bool
    attempt_count: int
    repeats: int = Field(description="How often the same came again and was only counted.")
    next_at: str | None = Field(description="When it is attempted next.")
    created_at: str
    finished_at: str | None


class DeliveryPage(BaseModel):
    items: list[DeliveryRecord]
    next: str = Field(description="The `before` of the page that follows; empty on the last.")


class AttemptView(BaseModel):
    number: int
    state: str = Field(description="sent, failed, later, unknown; handing_over while it is under way.")
    detail: str
    started_at: str
    finished_at: str | None


class DeliveryDetail(DeliveryRecord):
    can_resend: bool
    attempts: list[AttemptView]


class DeliveryId(BaseModel):
    id: str
