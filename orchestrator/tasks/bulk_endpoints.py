from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from kernel.errors import Invalid
from kernel.http.after_commit import AfterCommit
from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute
from orchestrator.dependencies import BulkOperationsDep
from orchestrator.tasks.bulk import Chosen
from orchestrator.tasks.schemas import BulkBody, BulkResults, BulkResultView

router = APIRouter(tags=["tasks"], route_class=StrictJsonRoute)


@router.post("/tasks:operate", response_model=BulkResults)
async def operate_tasks(
    body: BulkBody, session: SessionDep, principal: PrincipalDep, bulk: BulkOperationsDep
) -> Response:
    """Does one thing to up to 200 tasks: those that are named, or the newest of a project that fit a filter.

    Each is checked and recorded by itself, and has a result of its own; `more` says that others fit.
    """
    if (body.filter is None) == (not body.tasks):
        raise Invalid.field("tasks", "either tasks or a filter says which", "Send `tasks`, or `filter`")
    if body.filter is None:
        chosen = Chosen(body.tasks, more=False)
    else:
        chosen = await bulk.choose(session, principal, body.filter.project, body.filter.wanted())

    async def answer() -> Response:
        results = await bulk.operate(principal, chosen.task_ids, body.operation)
        items = [
            BulkResultView(
                task_id=each.task_id, outcome=each.outcome, nodes=list(each.nodes), code=each.code, reason=each.reason
            )
            for each in results
        ]
        return JSONResponse(BulkResults(items=items, more=chosen.more).model_dump(mode="json"))

    return AfterCommit(answer)
