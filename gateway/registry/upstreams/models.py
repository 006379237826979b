from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import JsonValue, SealedText, UtcDateTime
from kernel.ids import new_id


class StageUpstream(SQLModel, table=True):
    """Where a stage forwards to, under a name.

    Attributes:
        settings: as the snapshot's model of an upstream has them (`gateway.snapshot.model.upstreams`), without secrets.
        sealed_key: the client certificate's private key; None where the settings name one of the system's secrets.
    """

    __tablename__ = "gateway_stage_upstream"
    __table_args__ = (UniqueConstraint("system", "stage", "name"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    system: str = Field(max_length=32)
    stage: str = Field(max_length=20)
    name: str = Field(max_length=32)
    settings: dict[str, Any] = Field(sa_type=JsonValue)
    sealed_key: str | None = Field(default=None, sa_type=SealedText(20_000))
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)

    @property
    def secret_name(self) -> str | None:
        """The system's secret that is the client certificate's key."""
        name: str | None = (self.settings.get("tls") or {}).get("secret_name")
        return name
