"""Channels as administrators set them."""

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import JsonValue, SealedText, UtcDateTime


class ChannelRow(SQLModel, table=True):
    """How a kind of message is sent.

    Attributes:
        mail: settings of the mail server; none for other kinds.
        secret_sealed: password of the mail server, or the address template, which carries a right to post.
        shown: the address template without its secret part.
        per_minute, per_receiver_per_hour: 0 for no limit.
        repeat_minutes: for how long the same to the same receiver is only counted; 0 for never.
        attempts: how often a delivery is tried at most.
        is_mandatory: people's preferences don't hold it back.
    """

    __tablename__ = "adapter_notify_channel"

    msg_type: str = Field(primary_key=True, max_length=32)
    kind: str = Field(max_length=16)
    label: str = Field(max_length=64)
    label_zh: str = Field(max_length=64)
    is_active: bool = True
    mail: dict[str, Any] | None = Field(default=None, sa_type=JsonValue)
    secret_sealed: str = Field(default="", sa_type=SealedText)
    shown: str = Field(default="", max_length=256)
    per_minute: int = 0
    per_receiver_per_hour: int = 0
    repeat_minutes: int = 0
    attempts: int = 8
    is_mandatory: bool = False
    updated_by: str = Field(default="", max_length=128)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
