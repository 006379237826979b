from collections.abc import Iterable

from orchestrator.quotas.models import ProjectQuota
from orchestrator.quotas.repository import EVERYWHERE


class CallQuotas:
    """How many plugin calls of a project a worker may have under way, as it was last read."""

    def __init__(self) -> None:
        self._most: dict[str, int | None] = {}

    def read(self, quotas: Iterable[ProjectQuota]) -> None:
        self._most = {quota.project_id: quota.calls_at_once for quota in quotas}

    def of(self, project_id: str) -> int | None:
        """None: no limit but what one project may have of a worker's places."""
        return self._most.get(project_id, self._most.get(EVERYWHERE))
