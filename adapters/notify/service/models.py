"""The notification system's tables."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.idempotency import IdempotencyRecord
from kernel.db.types import SealedText, UtcDateTime
from kernel.ids import new_id


class UserAddress(SQLModel, table=True):
    """Where a user receives a kind of message. Sealed: an address of a chat robot carries its right to post."""

    __tablename__ = "adapter_notify_address"

    username: str = Field(primary_key=True, max_length=128)
    msg_type: str = Field(primary_key=True, max_length=32)
    address_sealed: str = Field(sa_type=SealedText)
    shown: str = Field(max_length=256)
    updated_by: str = Field(default="", max_length=128)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Message(SQLModel, table=True):
    """One message that was asked for. Its content is not kept: a repeat of the call brings it again."""

    __tablename__ = "adapter_notify_message"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    msg_type: str = Field(max_length=32)
    title: str = Field(max_length=512)
    app: str = Field(max_length=128)
    on_behalf_of: str = Field(default="", max_length=128)
    idempotency_key: str = Field(default="", max_length=255, index=True)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime, index=True)


class Delivery(SQLModel, table=True):
    """A message to one receiver.

    `state`: `sending` while nobody outside has it; `handing_over` from just before the outside may have it; `sent`,
    `failed`, or `unknown` when the outside broke off without a word.
    """

    __tablename__ = "adapter_notify_delivery"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    message_id: str = Field(foreign_key="adapter_notify_message.id", index=True, max_length=32)
    receiver: str = Field(max_length=320)
    address: str = Field(default="", max_length=320)
    state: str = Field(max_length=16)
    error: str = Field(default="", max_length=1000)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class NotifyIdempotency(IdempotencyRecord, table=True):
    __tablename__ = "adapter_notify_idempotency"
