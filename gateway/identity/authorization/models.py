from datetime import datetime
from typing import Final

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import UtcDateTime
from kernel.ids import new_id

GIVEN: Final = "given"
CMDB: Final = "cmdb"
IDENTITY_PROVIDER: Final = "idp:"


class RoleBinding(SQLModel, table=True):
    """A person's role on one resource.

    Attributes:
        origin: who keeps it: `given` by hand, `cmdb`, or `idp:` and the identity provider's name. The same role may be
            held from several origins, and each takes away only its own.
        given_by: who gave it, or had it synchronised; empty where that isn't known.
    """

    __tablename__ = "gateway_role_binding"
    __table_args__ = (
        UniqueConstraint("resource_kind", "resource_id", "username", "role", "origin", name="uq_gateway_role_binding"),
    )

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    username: str = Field(max_length=64, index=True)
    role: str = Field(max_length=32)
    resource_kind: str = Field(max_length=16)
    resource_id: str = Field(max_length=128)
    origin: str = Field(default=GIVEN, max_length=64)
    given_by: str = Field(default="", max_length=128)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class RelatedApp(SQLModel, table=True):
    """An app that manages a system as its owner does, by the registration API."""

    __tablename__ = "gateway_related_app"
    __table_args__ = (UniqueConstraint("system", "app_code"),)

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    system: str = Field(max_length=32)
    app_code: str = Field(max_length=32)
    added_by: str = Field(max_length=128)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
