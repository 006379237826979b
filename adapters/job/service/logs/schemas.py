"""What is asked and answered about the logs of hosts."""

from typing import Any

from pydantic import BaseModel, Field

from adapters.job.service.schemas import LARGEST_ID, Id, OfInstance


class OfHostRun(OfInstance):
    """A step on one host: by `bk_host_id`, or by `bk_cloud_id` and `ip`."""

    step_instance_id: Id
    bk_host_id: Id | None = None
    bk_cloud_id: int = Field(default=0, ge=0, le=LARGEST_ID)
    ip: str | None = Field(default=None, max_length=64)


class GetLog(OfHostRun):
    log_offset: int = Field(
        default=0, ge=0, le=2**53, description="Bytes that are known already; of a host that runs only what follows."
    )


class FileLog(BaseModel):
    mode: int = Field(description="0 up from its source, 1 down to its target.")
    src_ip: dict[str, Any]
    src_path: str
    dest_ip: dict[str, Any] | None
    dest_path: str
    status: int = Field(description="4 done, 5 failed.")
    log_content: str


class HostLog(BaseModel):
    log_type: int = Field(description="1: a script's log; 2: files.")
    bk_host_id: int | None
    bk_cloud_id: int
    ip: str
    status: int
    exit_code: int | None
    log_content: str
    log_offset: int = Field(description="Bytes of the log before log_content; 0 once the host has ended.")
    log_size: int = Field(description="Bytes of the log up to the end of log_content.")
    variables: dict[str, Any] = Field(
        description="Values of <SOPS_VAR>key:value</SOPS_VAR> in the log and of a JSON object as its last line."
    )
    file_logs: list[FileLog] = Field(default_factory=list, description="Of a step that distributes files.")


class LogEvent(BaseModel):
    """`log` events have the first three members, the last event, `end`, the others."""

    log_content: str = ""
    log_offset: int = Field(
        default=0, description="Bytes of the log before log_content; 0 with what was sent already: it begins anew."
    )
    log_size: int = Field(default=0, description="Bytes of the log up to the end of log_content.")
    status: int | None = Field(default=None, description="Of the host, as in get_job_instance_status.")
    exit_code: int | None = None
    error_code: int | None = None
    reason: str = ""
    variables: dict[str, Any] = Field(default_factory=dict)
    file_logs: list[FileLog] = Field(default_factory=list)
