"""What scripts must not say."""

from typing import Any

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from adapters.job.service.rules.matching import RuleAction
from kernel.db.types import JsonValue


class JobDangerousRule(SQLModel, table=True):
    """A rule for all scripts of the job system.

    Attributes:
        expression: a regular expression that is looked for in each line.
        languages: numbers of the languages it is for; empty for all.
    """

    __tablename__ = "adapter_job_dangerous_rule"

    id: int = Field(default=None, primary_key=True)
    expression: str = Field(max_length=500)
    description: str = Field(max_length=500)
    languages: list[Any] = Field(sa_type=JsonValue)
    action: int = Field(default=RuleAction.REFUSE)
    creator: str = Field(max_length=128)
    create_ms: int = Field(sa_type=BigInteger)
