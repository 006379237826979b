from datetime import datetime

from sqlmodel import Field, SQLModel

from kernel.clock import utc_now
from kernel.db.types import UtcDateTime
from kernel.ids import new_id


class Project(SQLModel, table=True):
    """A tenant, with a service app of its own that holds its grants."""

    __tablename__ = "gateway_project"

    id: str = Field(default_factory=new_id, primary_key=True, max_length=32)
    code: str = Field(max_length=28, unique=True)
    name: str = Field(max_length=200)
    description: str = Field(default="", max_length=4000)
    service_app_code: str = Field(max_length=32, unique=True)
    created_by: str = Field(max_length=64)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
