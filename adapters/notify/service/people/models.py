"""Where and when people want to be reached."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import SealedText, UtcDateTime


class UserAddress(SQLModel, table=True):
    """Where a user receives a kind of message. Sealed: an address of a chat robot carries its right to post."""

    __tablename__ = "adapter_notify_address"

    username: str = Field(primary_key=True, max_length=128)
    msg_type: str = Field(primary_key=True, max_length=32)
    address_sealed: str = Field(sa_type=SealedText)
    shown: str = Field(max_length=256)
    updated_by: str = Field(default="", max_length=128)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
