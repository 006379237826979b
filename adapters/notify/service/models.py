"""Messages, their deliveries, and what sending them needs to remember."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.idempotency import IdempotencyRecord
from kernel.db.types import SealedText, UtcDateTime
from kernel.ids import new_id


class Message(SQLModel, table=True):
    """One message that was asked for.

    Attributes:
        content_sealed: kept until every delivery has gone well, since a later attempt needs it; empty then.
        owner: the process that is sending it, while one is; `owned_until` is when it is taken for dead.
    """

    __tablename__ = "adapter_notify_message"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    msg_type: str = Field(max_length=32)
    title: str = Field(max_length=512)
    importance: str = Field(default="normal", max_length=16)
    topic: str = Field(default="", max_length=64)
    app: str = Field(max_length=128)
    on_behalf_of: str = Field(default="", max_length=128)
    idempotency_key: str = Field(default="", max_length=255, index=True)
    content_sealed: str = Field(default="", sa_type=SealedText)
    owner: str = Field(default="", max_length=255)
    owned_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime, index=True)


class Delivery(SQLModel, table=True):
    """A message to one receiver; for its states see `delivery.states`.

    Attributes:
        position: of the receiver in the call.
        address: mail address, phone number or handle; of an address that is a secret only its kind, `slack://…`.
            Empty when the receiver has none.
        next_at: when it is attempted next; none when it is settled.
        tries_left: attempts it may still have.
        digest: of content and address, by which the same message is known again.
        repeats: how often the same came again and was not sent.
        same_as: the delivery that this one repeats.
    """

    __tablename__ = "adapter_notify_delivery"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    message_id: str = Field(foreign_key="adapter_notify_message.id", index=True, max_length=32)
    receiver: str = Field(max_length=320, index=True)
    address: str = Field(default="", max_length=320)
    position: int = 0
    is_copy: bool = False
    state: str = Field(max_length=16)
    error: str = Field(default="", max_length=1000)
    attempts: int = 0
    tries_left: int = 1
    digest: str = Field(default="", max_length=64)
    repeats: int = 0
    same_as: str = Field(default="", max_length=32)
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Attempt(SQLModel, table=True):
    """One try of a delivery; `state` is `handing_over` while it is under way, and how it ended after that."""

    __tablename__ = "adapter_notify_attempt"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    delivery_id: str = Field(foreign_key="adapter_notify_delivery.id", index=True, max_length=32)
    number: int
    state: str = Field(max_length=16)
    detail: str = Field(default="", max_length=1000)
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RecentDelivery(SQLModel, table=True):
    """The delivery that others of the same digest repeat, until `expires_at`."""

    __tablename__ = "adapter_notify_recent"

    digest: str = Field(primary_key=True, max_length=64)
    delivery_id: str = Field(max_length=32)
    expires_at: datetime = Field(sa_type=UtcDateTime, index=True)


class Pace(SQLModel, table=True):
    """When the next message of a channel, or to a receiver, would be due if all came evenly."""

    __tablename__ = "adapter_notify_pace"

    key: str = Field(primary_key=True, max_length=400)
    due_at: datetime = Field(sa_type=UtcDateTime, index=True)


class NotifyIdempotency(IdempotencyRecord, table=True):
    __tablename__ = "adapter_notify_idempotency"
