"""Files uploaded in pieces, kept until somebody deletes them, within a bound for all together."""

import base64
import binascii
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.job.service.errors import NotNow, ParameterWrong
from adapters.job.service.local_files import schemas
from adapters.job.service.local_files.models import JobLocalFile, JobLocalFilePiece
from adapters.job.service.local_files.repository import LocalFileRepository
from adapters.job.service.repository import milliseconds
from adapters.job.service.schemas import Scoped
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.http.signed_only import SignedCaller
from kernel.ids import new_id

MAX_FILE: Final = 512 * 1024**2
"""Bytes of a file."""
_MIB: Final = 1024**2
_UNFINISHED_MS: Final = 24 * 3600 * 1000
_MOST_NAME: Final = 200


class LocalFileService:
    """Args:
    most_mib: of all files together.
    """

    def __init__(self, repository: LocalFileRepository, clock: Clock, most_mib: int) -> None:
        self._repository = repository
        self._clock = clock
        self._most_mib = most_mib

    async def upload_local_file(
        self, session: AsyncSession, caller: SignedCaller, asked: schemas.UploadLocalFile
    ) -> Any:
        content = _decoded(asked.content)
        file = await self._begun(session, caller, asked)
        if asked.offset != file.size:
            raise ParameterWrong("offset", f"is {asked.offset}; {file.size} bytes have come: go on there")
        if file.size + len(content) > MAX_FILE:
            raise ParameterWrong("content", f"a file has at most {MAX_FILE // _MIB} MiB")
        if await self._repository.all_bytes(session) + len(content) > self._most_mib * _MIB:
            raise NotNow(
                f"Uploaded files would have more than {self._most_mib} MiB (TRUNKLINE_JOB_LOCAL_FILES_MIB); delete some"
            )
        session.add(JobLocalFilePiece(file_id=file.id, number=file.pieces, content=content))
        file.size, file.pieces, file.is_complete = file.size + len(content), file.pieces + 1, asked.is_last
        if asked.is_last:
            record(session, caller.principal, "job_local_file.uploaded", "job_local_file", file.id, after=_facts(file))
        await session.flush()
        return shown(file)

    async def delete_local_file(self, session: AsyncSession, caller: SignedCaller, asked: schemas.OfLocalFile) -> Any:
        file = await self._repository.file(session, _scope(asked), asked.id, for_change=True)
        record(session, caller.principal, "job_local_file.deleted", "job_local_file", file.id, before=_facts(file))
        await self._repository.remove(session, file.id)
        return {"id": asked.id}

    async def get_local_file_list(
        self, session: AsyncSession, _caller: SignedCaller, asked: schemas.ListLocalFiles
    ) -> Any:
        total, rows = await self._repository.listed(session, asked)
        return {"start": asked.start, "length": asked.length, "total": total, "data": [shown(row) for row in rows]}

    async def _begun(self, session: AsyncSession, caller: SignedCaller, asked: schemas.UploadLocalFile) -> JobLocalFile:
        """The file that goes on, or a new one."""
        if asked.id is not None:
            file = await self._repository.file(session, _scope(asked), asked.id, for_change=True)
            if file.is_complete:
                raise NotNow(f"Uploaded file {file.id} is complete, and files never change; upload another")
            return file
        now = milliseconds(self._clock.now())
        await self._repository.drop_unfinished(session, now - _UNFINISHED_MS)
        file = JobLocalFile(
            id=new_id(),
            bk_scope_type=asked.bk_scope_type,
            bk_scope_id=asked.bk_scope_id,
            name=_name(asked.file_name),
            creator=caller.user or caller.app,
            create_ms=now,
        )
        session.add(file)
        await session.flush()
        return file


def path_of(file: JobLocalFile) -> str:
    return f"{file.id}/{file.name}"


def shown(file: JobLocalFile) -> dict[str, Any]:
    return {
        "id": file.id,
        "path": path_of(file),
        "file_name": file.name,
        "size": file.size,
        "is_complete": file.is_complete,
        "creator": file.creator,
        "create_time": file.create_ms,
    }


def _decoded(text: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ParameterWrong("content", "is no base64") from None
    if len(content) > schemas.MAX_PIECE:
        raise ParameterWrong("content", f"one call brings at most {schemas.MAX_PIECE // _MIB} MiB; go on with `id`")
    return content


def _name(given: str | None) -> str:
    if given is None:
        raise ParameterWrong("file_name", "is missing; send it, or the id of a file that goes on")
    if given in {".", ".."} or "/" in given or not given.isprintable() or len(given.encode()) > _MOST_NAME:
        raise ParameterWrong("file_name", f"must be the plain name of a file, at most {_MOST_NAME} bytes")
    return given


def _scope(asked: Scoped) -> tuple[str, str]:
    return asked.bk_scope_type, asked.bk_scope_id


def _facts(file: JobLocalFile) -> dict[str, Any]:
    return {"name": file.name, "size": file.size, "scope": f"{file.bk_scope_type} {file.bk_scope_id}"}
