"""Job plans: steps and variables, kept to be executed again and again."""

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.db.types import SealedText


class JobPlan(SQLModel, table=True):
    """A plan of one scope.

    Attributes:
        version: the one that is executed, its last.
    """

    __tablename__ = "adapter_job_plan"
    __table_args__ = (UniqueConstraint("bk_scope_type", "bk_scope_id", "name"), {"sqlite_autoincrement": True})

    id: int = Field(default=None, primary_key=True)
    bk_scope_type: str = Field(max_length=16)
    bk_scope_id: str = Field(max_length=32)
    name: str = Field(max_length=128)
    description: str = Field(max_length=500)
    version: int
    creator: str = Field(max_length=128)
    create_ms: int = Field(sa_type=BigInteger)
    last_modify_user: str = Field(max_length=128)
    last_modify_ms: int = Field(sa_type=BigInteger)


class JobPlanVersion(SQLModel, table=True):
    """What a plan said from one change to the next.

    Attributes:
        content_sealed: its variables and steps, which hold secrets.
    """

    __tablename__ = "adapter_job_plan_version"
    __table_args__ = (UniqueConstraint("job_plan_id", "version"),)

    id: int = Field(default=None, primary_key=True)
    job_plan_id: int = Field(foreign_key="adapter_job_plan.id")
    version: int
    content_sealed: str = Field(sa_type=SealedText)
    creator: str = Field(max_length=128)
    create_ms: int = Field(sa_type=BigInteger)
