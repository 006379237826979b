"""What was imported when, and where hosts came from."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.cmdb.service.imports import schemas
from adapters.cmdb.service.imports.models import ImportRun
from adapters.cmdb.service.imports.repository import ImportRepository
from kernel.http.signed_only import SignedCaller


class ImportHistory:
    def __init__(self, imports: ImportRepository) -> None:
        self._imports = imports

    async def list_runs(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.ListRuns) -> Any:
        """The youngest first."""
        count, rows = await self._imports.runs(session, asked.source_id, asked.start, asked.limit)
        return {"count": count, "info": [_shown(row) for row in rows]}

    async def list_origins(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.ListOrigins) -> Any:
        return [
            {
                "bk_host_id": origin.bk_host_id,
                "source_id": origin.source_id,
                "source_name": origin.source_name,
                "external_id": origin.external_id,
                "first_seen": text_of(origin.first_seen_at),
                "last_seen": text_of(origin.last_seen_at),
                "missing_since": text_of(origin.missing_since),
            }
            for origin in await self._imports.origins(session, asked.bk_host_ids)
        ]


def text_of(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment is not None else None


def _shown(run: ImportRun) -> dict[str, Any]:
    return {
        "id": run.id,
        "source_id": run.source_id,
        "source_name": run.source_name,
        "kind": run.kind,
        "bk_biz_id": run.bk_biz_id,
        "state": run.state,
        "counts": run.counts,
        "problems": run.problems,
        "problem": run.problem,
        "started_by": run.started_by,
        "started_time": text_of(run.started_at),
        "finished_time": text_of(run.finished_at),
    }
