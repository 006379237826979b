"""What is asked and answered about file sources (reference: BlueKing jobv3 create_file_source)."""

from typing import Annotated

from pydantic import BaseModel, Field

from adapters.job.service.file_sources.models import SourceType
from adapters.job.service.schemas import LARGEST_ID, Asked, Id, Scoped

_Code = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}$")]
_Alias = Annotated[str, Field(min_length=1, max_length=128)]


class AccessParams(Asked):
    base_url: str = Field(min_length=8, max_length=1000, description="Paths begin below it.")
    bucket: str = Field(default="", max_length=63, pattern=r"^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$")
    region: str = Field(default="", max_length=64, pattern=r"^[a-z0-9-]*$", description="`us-east-1` without it.")


class CredentialGiven(Asked):
    """Username and password, or a token; of S3 the two keys. Never answered."""

    username: str = Field(default="", max_length=200)
    password: str = Field(default="", max_length=2000)
    token: str = Field(default="", max_length=8000)
    access_key: str = Field(default="", max_length=200)
    secret_key: str = Field(default="", max_length=2000)


class CreateFileSource(Scoped):
    code: _Code
    alias: _Alias
    type: SourceType
    access_params: AccessParams
    credential: CredentialGiven = CredentialGiven()


class UpdateFileSource(Scoped):
    """What is left out stays."""

    id: Id
    alias: _Alias | None = None
    access_params: AccessParams | None = None
    credential: CredentialGiven | None = None


class OfFileSource(Scoped):
    id: Id


class ListFileSources(Scoped):
    code: str | None = Field(default=None, max_length=64)
    alias: str | None = Field(default=None, max_length=128, description="Part of the alias.")
    start: int = Field(default=0, ge=0, le=LARGEST_ID)
    length: int = Field(default=20, ge=1, le=200)


class FileSourceId(BaseModel):
    id: int


class FileSourceShown(BaseModel):
    id: int
    bk_scope_type: str
    bk_scope_id: str
    code: str
    alias: str
    type: str
    base_url: str
    bucket: str
    region: str
    credential: str = Field(description="none, password, token or access_key: its kind alone.")
    creator: str
    create_time: int
    last_modify_user: str
    last_modify_time: int


class FileSources(BaseModel):
    start: int
    length: int
    total: int
    data: list[FileSourceShown]
