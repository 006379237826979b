"""Tasks that nodes start and wait for, as the plugin `subprocess_plugin` asks for them."""

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.principal import Principal
from orchestrator.child_tasks.service import ChildTaskService, ChildWish
from orchestrator.sops.children.schemas import ChildStanding, OfChild, StartChild, StartedChild
from orchestrator.sops.numbers import Kind, numbered


class ChildComponents:
    """Args:
    task_url: address of a task's page, with `{task}` where its id stands.
    """

    def __init__(self, children: ChildTaskService, task_url: str) -> None:
        self._children = children
        self._task_url = task_url

    async def start_child_task(self, session: AsyncSession, principal: Principal, asked: StartChild) -> StartedChild:
        wish = ChildWish(asked.flow, asked.inputs, asked.callback_url, asked.name, asked.revision, tuple(asked.schemes))
        task = await self._children.start(session, principal, wish)
        number = await numbered(session, Kind.TASK, task.id)
        url = self._task_url.format(task=task.id)
        return StartedChild(id=task.id, task_id=number, task_name=task.name, task_url=url)

    async def get_child_task(self, session: AsyncSession, principal: Principal, asked: OfChild) -> ChildStanding:
        return ChildStanding.model_validate(await self._children.standing(session, principal, asked.id))
