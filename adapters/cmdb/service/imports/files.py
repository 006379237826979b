"""Imports of files: looked at first, then applied in one transaction."""

import asyncio
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.cmdb.service.attributes.repository import AttributeRepository
from adapters.cmdb.service.errors import ImportRefused, ParameterWrong
from adapters.cmdb.service.imports import schemas
from adapters.cmdb.service.imports.applying import ImportApplier, Provenance
from adapters.cmdb.service.imports.columns import ReadRows, read_rows
from adapters.cmdb.service.imports.models import FILE, ImportRun
from adapters.cmdb.service.imports.planning import ImportPlan, ImportPlanner
from adapters.cmdb.service.imports.sheets.comma_separated import read_csv
from adapters.cmdb.service.imports.sheets.table import SheetUnreadable, Table
from adapters.cmdb.service.imports.values import known_attributes
from kernel.clock import Clock
from kernel.http.signed_only import SignedCaller

SHOWN: Final = 200
_BY_FILE: Final = "1"
_ZIP: Final = b"PK"
_WORKBOOKS: Final = (".xlsx", ".xlsm", ".xls")


class FileImports:
    def __init__(
        self, attributes: AttributeRepository, planner: ImportPlanner, applier: ImportApplier, clock: Clock
    ) -> None:
        self._attributes = attributes
        self._planner = planner
        self._applier = applier
        self._clock = clock

    async def preview(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.HostFile) -> Any:
        read, plan = await self._plan(session, asked)
        changing = [each.shown for each in plan.hosts if each.action != "same"]
        return {
            "counts": plan.counts,
            "digest": plan.digest,
            "hosts": changing[:SHOWN],
            "refused": [problem.shown for problem in plan.refused[:SHOWN]],
            "ignored_columns": list(read.ignored),
        }

    async def apply(self, session: AsyncSession, caller: SignedCaller, asked: schemas.ImportHosts) -> Any:
        """Raises ImportRefused: a row is refused, or the preview no longer holds."""
        _, plan = await self._plan(session, asked)
        if asked.expected and asked.expected != plan.digest:
            raise ImportRefused("The inventory or the file changed since the preview; look at a new one", [])
        refused = [problem.shown for problem in plan.refused[:SHOWN]]
        if refused and not asked.skip_refused:
            told = refused[0]
            text = f"Row {told['row']}, {told['field']}: {told['problem']}; {told['remedy']}"
            raise ImportRefused(f"{plan.counts['refused']} rows are refused, nothing was imported. {text}", refused)
        now = self._clock.now()
        run = ImportRun(
            source_id=FILE,
            source_name=asked.file_name,
            kind="file",
            bk_biz_id=asked.bk_biz_id,
            state="finished",
            counts=plan.counts,
            problems=refused,
            started_by=caller.user or caller.app,
            started_at=now,
            finished_at=now,
        )
        session.add(run)
        await self._applier.apply(session, caller, plan, Provenance(FILE, asked.file_name, run.id, _BY_FILE))
        return {"run_id": run.id, "counts": plan.counts, "refused": refused}

    async def _plan(self, session: AsyncSession, asked: schemas.HostFile) -> tuple[ReadRows, ImportPlan]:
        known = known_attributes(await self._attributes.custom(session, "host"))
        try:
            table = await asyncio.to_thread(_read, asked.file_name, asked.content)
        except SheetUnreadable as error:
            raise ParameterWrong("content", str(error)) from None
        read = await asyncio.to_thread(read_rows, table, asked.columns, known)
        return read, await self._planner.plan(session, asked.bk_biz_id, read.rows, read.problems)


def _read(file_name: str, content: bytes) -> Table:
    if not content.startswith(_ZIP):
        try:
            return read_csv(content)
        except SheetUnreadable as error:
            if not file_name.lower().endswith(_WORKBOOKS):
                raise
            raise SheetUnreadable("is no workbook (.xlsx); save it as one, or as CSV UTF-8, in Excel") from error
    from adapters.cmdb.service.imports.sheets.workbook import (  # noqa: PLC0415  openpyxl takes long to load
        read_workbook,
    )

    return read_workbook(content)
