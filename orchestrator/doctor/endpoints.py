from fastapi import APIRouter

from kernel.http.dependencies import PrincipalDep, SessionDep
from kernel.http.strict_json import StrictJsonRoute
from orchestrator.dependencies import DoctorServiceDep
from orchestrator.doctor.findings import Finding
from orchestrator.doctor.schemas import Examination, MendBody, Mended, TaskFinding

router = APIRouter(tags=["runtime"], route_class=StrictJsonRoute)


@router.get("/runtime/findings")
async def examine_runtime(session: SessionDep, principal: PrincipalDep, doctor: DoctorServiceDep) -> Examination:
    """Which invariants of the runtime's tables are broken, by which task and node, and why: such a task is stuck."""
    report = await doctor.examine(session, principal)
    items = [_view(finding) for finding in report.findings]
    return Examination(items=items, tasks=report.tasks, workers=list(report.workers))


@router.post("/runtime/findings:mend")
async def mend_runtime(
    body: MendBody, session: SessionDep, principal: PrincipalDep, doctor: DoctorServiceDep
) -> Mended:
    """Mends those of the findings that are still so."""
    told = [Finding(each.invariant, each.task_id, "", each.node_id, "", 0) for each in body.findings]
    return Mended(items=[_view(finding) for finding in await doctor.mend(session, principal, told)])


def _view(finding: Finding) -> TaskFinding:
    return TaskFinding(
        invariant=finding.invariant,
        task_id=finding.task_id,
        project_id=finding.project_id,
        node_id=finding.node_id,
        why=finding.why,
        mend=finding.mend,
    )
