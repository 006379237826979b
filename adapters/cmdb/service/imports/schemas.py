"""What the components of imports and exports are asked and answer."""

from typing import Annotated, Any, Literal

from pydantic import Base64Bytes, BaseModel, Field

from adapters.cmdb.service.schemas import LARGEST_ID, MAX_HOSTS, Asked, FieldNames, Id, Ids, PropertyFilter

RUNS_LIMIT = 100
FileFormat = Literal["csv", "xlsx"]
Target = Annotated[int, Field(default=0, ge=0, le=LARGEST_ID, description="Where hosts go; 0 is the resource pool.")]


class HostFile(Asked):
    """A file of hosts; its first line names the columns."""

    bk_biz_id: Target
    file_name: str = Field(min_length=1, max_length=256)
    content: Base64Bytes = Field(max_length=10 * 1024 * 1024, description="Base64 of a CSV file or .xlsx workbook.")
    columns: dict[str, str] = Field(
        default_factory=dict, max_length=200, description="Column to property, where its name doesn't say it."
    )


class ImportHosts(HostFile):
    expected: str = Field(default="", max_length=64, description="`digest` of the preview, to apply just that.")
    skip_refused: bool = Field(
        default=False, description="Applies the other rows; otherwise one refused row stops all."
    )


class FieldChange(BaseModel):
    field: str
    before: Any
    after: Any


class PlannedHost(BaseModel):
    row: int
    action: Literal["create", "change", "same"]
    bk_host_innerip: str
    bk_host_id: int
    changes: list[FieldChange]
    place: list[str]


class RefusedRow(BaseModel):
    row: int
    field: str
    problem: str
    remedy: str


class Counts(BaseModel):
    created: int = 0
    changed: int = 0
    same: int = 0
    refused: int = 0
    vanished: int = 0


class Preview(BaseModel):
    """`hosts` and `refused`: the first 200 each; hosts that stay the same are left out."""

    counts: Counts
    digest: str
    hosts: list[PlannedHost]
    refused: list[RefusedRow]
    ignored_columns: list[str]


class Imported(BaseModel):
    run_id: str
    counts: Counts
    refused: list[RefusedRow]


class ListRuns(Asked):
    source_id: str | None = Field(default=None, max_length=32, description="Empty for files.")
    start: int = Field(default=0, ge=0, le=LARGEST_ID)
    limit: int = Field(default=20, ge=1, le=RUNS_LIMIT)


class Run(BaseModel):
    id: str
    source_id: str
    source_name: str
    kind: str
    bk_biz_id: int
    state: Literal["running", "finished", "failed", "broken_off"]
    counts: Counts
    problems: list[RefusedRow]
    problem: str
    started_by: str
    started_time: str
    finished_time: str | None


class Runs(BaseModel):
    count: int
    info: list[Run]


class ListOrigins(Asked):
    bk_host_ids: Annotated[Ids, Field(min_length=1)]


class Origin(BaseModel):
    bk_host_id: int
    source_id: str
    source_name: str
    external_id: str
    first_seen: str
    last_seen: str
    missing_since: str | None


class ExportHosts(Asked):
    """`fields`: which columns; all when empty, with `place` where hosts stand."""

    bk_biz_id: Id | None = Field(default=None, description="Left out, the hosts of the resource pool.")
    format: Literal["csv", "xlsx", "json"] = "csv"
    fields: FieldNames
    host_property_filter: PropertyFilter | None = None
    bk_host_ids: list[Id] = Field(default_factory=list, max_length=MAX_HOSTS, description="Only these.")


class HostsFile(BaseModel):
    file_name: str
    media_type: str
    content: str = Field(description="Base64 of the file.")
    count: int
