"""What is asked and answered about uploaded files."""

from typing import Annotated

from pydantic import BaseModel, Field

from adapters.job.service.schemas import LARGEST_ID, Scoped

MAX_PIECE = 6 * 1024 * 1024
"""Bytes that one call brings; in base64 they pass the gateway's usual bound."""
FileId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class UploadLocalFile(Scoped):
    """A file, or a piece of one: the first without `id`, each further one with it and with where it begins."""

    file_name: str | None = Field(default=None, min_length=1, max_length=200, description="Of a new file.")
    id: FileId | None = None
    offset: int = Field(default=0, ge=0, le=2**53, description="Bytes that have come already.")
    content: str = Field(max_length=MAX_PIECE * 4 // 3 + 4, description="In base64.")
    is_last: bool = True


class OfLocalFile(Scoped):
    id: FileId


class ListLocalFiles(Scoped):
    file_name: str | None = Field(default=None, max_length=200, description="Part of the name.")
    start: int = Field(default=0, ge=0, le=LARGEST_ID)
    length: int = Field(default=20, ge=1, le=200)


class LocalFileShown(BaseModel):
    id: str
    path: str = Field(description="By which fast_transfer_file takes it, in a source with file_type 2.")
    file_name: str
    size: int
    is_complete: bool
    creator: str
    create_time: int


class LocalFileId(BaseModel):
    id: str


class LocalFiles(BaseModel):
    start: int
    length: int
    total: int
    data: list[LocalFileShown]
