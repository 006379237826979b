"""Where and when people want to be reached."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import JsonValue, SealedText, UtcDateTime


class UserAddress(SQLModel, table=True):
    """Where a user receives a kind of message. Sealed: an address of a chat robot carries its right to post."""

    __tablename__ = "adapter_notify_address"

    username: str = Field(primary_key=True, max_length=128)
    msg_type: str = Field(primary_key=True, max_length=32)
    address_sealed: str = Field(sa_type=SealedText)
    shown: str = Field(max_length=256)
    updated_by: str = Field(default="", max_length=128)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class UserPreferences(SQLModel, table=True):
    """What a user wants to hear of, and when not; see `people.preferences`.

    Attributes:
        quiet_from, quiet_to: local times as `22:00`; both empty for no quiet hours.
        rules: in their order, each with topic, importance and msg_types.
    """

    __tablename__ = "adapter_notify_preferences"

    username: str = Field(primary_key=True, max_length=128)
    time_zone: str = Field(default="UTC", max_length=64)
    quiet_from: str = Field(default="", max_length=5)
    quiet_to: str = Field(default="", max_length=5)
    rules: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonValue)
    updated_by: str = Field(default="", max_length=128)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
