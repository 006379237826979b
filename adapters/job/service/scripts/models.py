"""The library of scripts."""

from enum import IntEnum

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from kernel.db.types import SealedText


class VersionStatus(IntEnum):
    DRAFT = 0
    ONLINE = 1
    """What the script's id stands for; one version at most."""
    OFFLINE = 2
    """Was online; may still be named by its own id."""
    DISABLED = 3


class JobScript(SQLModel, table=True):
    """A script of one scope."""

    __tablename__ = "adapter_job_script"
    __table_args__ = (UniqueConstraint("bk_scope_type", "bk_scope_id", "name"),)

    id: str = Field(primary_key=True, max_length=32)
    bk_scope_type: str = Field(max_length=16)
    bk_scope_id: str = Field(max_length=32)
    name: str = Field(max_length=128)
    description: str = Field(max_length=500)
    script_language: int
    creator: str = Field(max_length=128)
    create_ms: int = Field(sa_type=BigInteger)


class JobScriptVersion(SQLModel, table=True):
    """Its content never changes.

    Attributes:
        content_sealed: the script, which may hold secrets.
    """

    __tablename__ = "adapter_job_script_version"
    __table_args__ = (UniqueConstraint("script_id", "version"),)

    id: int = Field(default=None, primary_key=True)
    script_id: str = Field(foreign_key="adapter_job_script.id", max_length=32, index=True)
    version: str = Field(max_length=64)
    version_desc: str = Field(max_length=500)
    content_sealed: str = Field(sa_type=SealedText)
    status: int = Field(default=VersionStatus.DRAFT)
    creator: str = Field(max_length=128)
    create_ms: int = Field(sa_type=BigInteger)
