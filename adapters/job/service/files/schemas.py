"""What is asked about files (reference: BlueKing jobv3 fast_transfer_file)."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from adapters.job.service.schemas import Asked, Executing, Id, TargetServer

MAX_FILES = 100
FilePath = Annotated[str, Field(min_length=2, max_length=1024, pattern=r"^/[^\x00\n]*$")]
_SourcePath = Annotated[str, Field(min_length=1, max_length=1024, pattern=r"^[^\x00\n]+$")]


def _lines(value: Any) -> Any:
    """Accepts paths as one text, one a line."""
    return [line.strip() for line in value.splitlines() if line.strip()] if isinstance(value, str) else value


class SourceAccount(Asked):
    id: Id | None = None
    alias: str | None = Field(default=None, max_length=128)


class FileSource(Asked):
    file_list: Annotated[list[_SourcePath], BeforeValidator(_lines, json_schema_input_type=list[_SourcePath] | str)] = (
        Field(
            min_length=1,
            max_length=MAX_FILES,
            description="Of servers, absolute paths of files, of folders with a / at their end, or with patterns; of "
            "uploaded files their `path`; of a file source paths below its address. Or text, one a line.",
        )
    )
    account: SourceAccount = Field(default_factory=SourceAccount)
    server: TargetServer = Field(default_factory=TargetServer)
    file_type: Literal[1, 2, 3, "1", "2", "3"] = Field(
        default=1, description="1: files on servers; 2: uploaded files; 3: of a file source."
    )
    file_source_id: Id | None = Field(default=None, description="With file_type 3; or file_source_code.")
    file_source_code: str | None = Field(default=None, max_length=64)


class SourceRow(Asked):
    """A source on servers as a row of texts."""

    ip: str = Field(min_length=2, max_length=100_000, description="`10.0.0.1, 3:10.0.0.2`")
    files: str = Field(min_length=2, max_length=100_000, description="One a line.")
    account: str = Field(default="", max_length=128, description="Its alias.")


def _from_rows(value: Any) -> Any:
    return [_from_row(one) for one in value] if isinstance(value, list) else value


def _from_row(value: Any) -> Any:
    if not isinstance(value, dict) or "files" not in value:
        return value
    row = SourceRow.model_validate(value)
    return {"file_list": row.files, "server": {"ip_list": row.ip}, "account": {"alias": row.account}}


class FastTransferFile(Executing):
    file_target_path: FilePath = Field(description="The folder the files come into.")
    file_source_list: Annotated[
        list[FileSource], BeforeValidator(_from_rows, json_schema_input_type=list[FileSource | SourceRow])
    ] = Field(min_length=1, max_length=MAX_FILES)
    transfer_mode: Literal[1, 2, "1", "2"] = Field(default=2, description="1: the folder must be there; 2: it is made.")
    upload_speed_limit: int | None = Field(default=None, ge=1, le=100_000, description="MiB a second from each source.")
    download_speed_limit: int | None = Field(default=None, ge=1, le=100_000, description="MiB a second to each target.")
