"""What is distributed that doesn't come from hosts: found, as far as that can be told before it is read."""

from pathlib import PurePosixPath

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.job.service.errors import Missing, ParameterWrong
from adapters.job.service.file_sources.models import JobFileSource
from adapters.job.service.file_sources.repository import FileSourceRepository
from adapters.job.service.files.plan import Source, SourceKind
from adapters.job.service.files.schemas import FileSource
from adapters.job.service.local_files.repository import LocalFileRepository
from adapters.job.service.local_files.service import path_of
from adapters.job.service.schemas import Scoped

_UPLOADED = "uploaded"


class Elsewhere:
    def __init__(self, uploaded: LocalFileRepository, sources: FileSourceRepository) -> None:
        self._uploaded = uploaded
        self._sources = sources

    async def source(
        self, session: AsyncSession, scope: Scoped, asked: FileSource, kind: SourceKind, field: str
    ) -> Source:
        """Raises:
        ParameterWrong: there is no such file or source in this scope, or a path leads out of it.
        """
        whose = (scope.bk_scope_type, scope.bk_scope_id)
        paths = tuple(dict.fromkeys(asked.file_list))
        if kind is SourceKind.UPLOADED:
            for path in paths:
                await self._check_uploaded(session, whose, path, field)
            return Source(0, _UPLOADED, None, paths, kind, whose)
        found = await self._named(session, whose, asked, field)
        for path in paths:
            _check_below(path, field)
        return Source(0, found.code, None, paths, kind, whose, found.id)

    async def _check_uploaded(self, session: AsyncSession, whose: tuple[str, str], path: str, field: str) -> None:
        try:
            file = await self._uploaded.file(session, whose, path.partition("/")[0])
        except Missing as missing:
            raise ParameterWrong(f"{field}.file_list", missing.message) from None
        if not file.is_complete or path != path_of(file):
            problem = "has not come whole" if path == path_of(file) else f"is called {path_of(file)}"
            raise ParameterWrong(f"{field}.file_list", f"{path} {problem}")

    async def _named(
        self, session: AsyncSession, whose: tuple[str, str], asked: FileSource, field: str
    ) -> JobFileSource:
        if asked.file_source_id is not None:
            try:
                return await self._sources.source(session, whose, asked.file_source_id)
            except Missing as missing:
                raise ParameterWrong(f"{field}.file_source_id", missing.message) from None
        code = asked.file_source_code or ""
        found = await self._sources.by_code(session, whose, code)
        if found is None:
            problem = f"{' '.join(whose)} has no file source {code}" if code else "is missing; or file_source_id"
            raise ParameterWrong(f"{field}.file_source_code", problem)
        return found


def _check_below(path: str, field: str) -> None:
    parts = PurePosixPath(path).parts
    if path.startswith("/") or path.endswith("/") or ".." in parts or not parts:
        raise ParameterWrong(f"{field}.file_list", f"{path} must be the path of a file below the source's address")
