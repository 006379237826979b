"""What is asked and answered about the library of scripts (reference: BlueKing jobv3 script components)."""

from typing import Annotated

from pydantic import BaseModel, Field

from adapters.job.service.languages import Language
from adapters.job.service.schemas import LARGEST_ID, Id, Scoped, ScriptLanguage
from kernel.names import NameRule

ScriptId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
Version = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9._\-]+$")]
Content = Annotated[str, Field(min_length=1, max_length=2 * 1024 * 1024, description="The script in base64.")]


class CreateScript(Scoped):
    name: Annotated[str, NameRule] = Field(min_length=1, max_length=128)
    description: str = Field(default="", max_length=500)
    script_language: ScriptLanguage = Language.SHELL
    content: Content
    version: Version
    version_desc: str = Field(default="", max_length=500)


class CreateVersion(Scoped):
    script_id: ScriptId
    content: Content
    version: Version
    version_desc: str = Field(default="", max_length=500)


class OfVersion(Scoped):
    script_id: ScriptId
    script_version_id: Id


class ListScripts(Scoped):
    name: str | None = Field(default=None, max_length=128, description="Part of the name.")
    start: int = Field(default=0, ge=0, le=LARGEST_ID)
    length: int = Field(default=20, ge=1, le=200)


class ListVersions(Scoped):
    script_id: ScriptId
    start: int = Field(default=0, ge=0, le=LARGEST_ID)
    length: int = Field(default=20, ge=1, le=200)


class GetVersion(Scoped):
    id: Id


class VersionMade(BaseModel):
    id: int = Field(description="Of the version.")
    script_id: str


class ScriptShown(BaseModel):
    id: str
    bk_scope_type: str
    bk_scope_id: str
    name: str
    description: str
    script_language: int
    online_script_version_id: int | None
    creator: str
    create_time: int


class Scripts(BaseModel):
    start: int
    length: int
    total: int
    data: list[ScriptShown]


class VersionShown(BaseModel):
    id: int
    script_id: str
    version: str
    version_desc: str
    status: int = Field(description="0 draft, 1 online, 2 offline, 3 disabled.")
    creator: str
    create_time: int


class Versions(BaseModel):
    start: int
    length: int
    total: int
    data: list[VersionShown]


class VersionDetail(VersionShown):
    script_language: int
    content: str
