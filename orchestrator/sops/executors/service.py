"""In whose name tasks call, as clients of Standard OPS set it. Naming somebody gives no right: his consent does."""

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.errors import Invalid
from kernel.principal import Principal
from orchestrator.executors.of_projects import ProjectExecutorService
from orchestrator.flows.service import FlowService, is_draft_published
from orchestrator.sops.errors import ParameterWrong
from orchestrator.sops.executors.schemas import (
    ModifyProjectExecutor,
    ModifyTemplateExecutor,
    ProjectExecutor,
    TemplateExecutor,
)
from orchestrator.sops.numbers import Kind, numbered
from orchestrator.sops.places import Places
from orchestrator.tasks.errors import IllegalOperation


class ExecutorComponents:
    def __init__(self, places: Places, of_projects: ProjectExecutorService, flows: FlowService) -> None:
        self._places = places
        self._of_projects = of_projects
        self._flows = flows

    async def modify_project_executor_proxy(
        self, session: AsyncSession, principal: Principal, asked: ModifyProjectExecutor
    ) -> ProjectExecutor:
        if asked.executor_proxy_exempts.strip():
            remedy = "nobody can be left out here; send an empty text, and let their flows name an executor"
            raise ParameterWrong("executor_proxy_exempts", remedy)
        place = await self._places.project(session, principal, asked)
        try:
            named = await self._of_projects.put(session, principal, place.project.id, asked.executor_proxy)
        except Invalid as refused:
            problem = refused.fields[0]
            raise ParameterWrong("executor_proxy", f"{problem.problem}; {problem.remedy}") from refused
        number = await numbered(session, Kind.PROJECT, place.project.id)
        return ProjectExecutor(project_id=number, executor_proxy=named.username)

    async def modify_template_executor_proxy(
        self, session: AsyncSession, principal: Principal, asked: ModifyTemplateExecutor
    ) -> TemplateExecutor:
        """Publishes a revision that names the person, and nothing else that is new.

        Raises:
            IllegalOperation: somebody is at work on the draft.
        """
        place = await self._places.project(session, principal, asked)
        flow = await self._flows.get(
            session, principal, (await self._places.flow(session, place, asked.template_id)).id
        )
        if not await is_draft_published(session, flow):
            remedy = (
                "the template has a draft with other changes: publish it first, or make the revision the draft again"
            )
            raise IllegalOperation(remedy)
        if asked.executor_proxy != flow.draft.get("executor", ""):
            definition = {name: value for name, value in flow.draft.items() if name != "executor"}
            if asked.executor_proxy:
                definition["executor"] = asked.executor_proxy
            saved = await self._flows.save_draft(session, principal, flow.id, definition, flow.draft_version)
            await self._flows.publish(session, principal, flow.id, "executor proxy changed", saved.draft_version)
        return TemplateExecutor(template_id=asked.template_id, executor_proxy=asked.executor_proxy)
