"""Tasks that can't go on by themselves."""

from kernel.clock import utc_now
from kernel.db.database import Database
from orchestrator.runtime.models import NodeRun
from tests.support.orchestrator import flow_of, plugin_node
from tests.support.runtime import create_task


async def stuck_task(url: str) -> str:
    """A task whose poll no time is set for."""
    database = Database(url)
    task = await create_task(database, flow_of(plugin_node("a")), state="RUNNING", counter=2)
    async with database.unit_of_work() as session:
        run = {"node_id": "a", "number": 2, "attempt": 1, "state": "POLLING", "step": 1, "started_at": utc_now()}
        session.add(NodeRun(id=f"{task}.2", task_id=task, **run))
    await database.close()
    return task
