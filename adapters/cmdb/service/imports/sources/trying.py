"""What a source would bring, before it is run."""

from typing import Any, Final

from adapters.cmdb.service.errors import ImportRefused
from adapters.cmdb.service.imports.planning import ImportPlanner
from adapters.cmdb.service.imports.sources.reading import SourceFailed
from adapters.cmdb.service.imports.sources.repository import SourceRepository
from adapters.cmdb.service.imports.sources.running import SourceRunner
from adapters.cmdb.service.imports.sources.schemas import OfSource
from kernel.db.database import Database
from kernel.envelope import success
from kernel.http.component_app import Call
from kernel.secrets import SecretUnreadable

_SHOWN: Final = 200


class SourceTrial:
    def __init__(
        self, database: Database, sources: SourceRepository, runner: SourceRunner, planner: ImportPlanner
    ) -> None:
        self._database = database
        self._sources = sources
        self._runner = runner
        self._planner = planner

    async def preview(self, call: Call[OfSource]) -> dict[str, Any]:
        """Reads the beginning of the source. Raises ImportRefused when it can't be read."""
        async with self._database.reading() as session:
            source = await self._sources.found(session, call.params.id)
        try:
            read = await self._runner.read(source, sample=True)
        except (SourceFailed, SecretUnreadable) as error:
            raise ImportRefused(str(error), []) from None
        async with self._database.reading() as session:
            plan = await self._planner.plan(session, source.bk_biz_id, read.rows, read.problems)
        changing = [each.shown for each in plan.hosts if each.action != "same"]
        return success(
            {
                "counts": plan.counts,
                "hosts": changing[:_SHOWN],
                "refused": [problem.shown for problem in plan.refused[:_SHOWN]],
                "sampled": read.partial,
            }
        )
