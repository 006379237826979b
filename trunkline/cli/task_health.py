"""What `trunkline doctor` finds of tasks, and mends."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kernel.principal import system_principal
from orchestrator.engine.invariants import Invariant

if TYPE_CHECKING:
    from orchestrator.doctor.findings import Finding as Broken
    from trunkline.product import Product

_FOR_WORKERS: Final = frozenset(
    {
        Invariant.OWNER_ALIVE,
        Invariant.START_TAKEN,
        Invariant.TIMER_TAKEN,
        Invariant.MESSAGE_TAKEN,
        Invariant.CANCELLATION_TAKEN,
    }
)
"""What mends itself where a worker lives."""
_START: Final = "Start trunkline serve, or trunkline worker"


@dataclass(frozen=True, slots=True)
class Finding:
    """Attributes:
    remedy: what to do when it is not in order.
    """

    check: str
    in_order: bool
    detail: str
    remedy: str = ""


async def tasks(product: "Product", *, mend: bool) -> list[Finding]:
    """Every invariant that a task breaks; in one line when there is none."""
    orchestrator = product.orchestrator
    report = await orchestrator.examiner.examine()
    somebody_works = bool(report.workers)
    found = [Finding("workers", somebody_works or not report.tasks, f"{len(report.workers)} live", _START)]
    if not report.findings:
        return [*found, Finding("tasks", True, f"{report.tasks} have not ended, and none is stuck")]
    mended: set[Broken] = set()
    if mend:
        async with product.kernel.database.unit_of_work() as session:
            mended.update(await orchestrator.mender.mend(session, system_principal("doctor"), report.findings))
    names = {(each.invariant, each.task_id, each.node_id) for each in mended}
    return found + [
        _told(each, somebody_works=somebody_works, mended=(each.invariant, each.task_id, each.node_id) in names)
        for each in report.findings
    ]


def _told(broken: "Broken", *, somebody_works: bool, mended: bool) -> Finding:
    where = f" node {broken.node_id}" if broken.node_id else ""
    detail = f"{broken.invariant.value}: {broken.why}" + (". Mended" if mended else "")
    remedy = f"trunkline doctor --mend {broken.mend}"
    if broken.invariant in _FOR_WORKERS and not somebody_works:
        remedy = _START
    return Finding(f"task {broken.task_id}{where}", mended, detail, remedy)
