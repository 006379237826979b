"""What never changes of a task."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from orchestrator.engine.model import Surroundings


class TaskLike(Protocol):
    """A task as its row, or its claim, has it."""

    @property
    def project_id(self) -> str: ...

    @property
    def project_code(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def created_by(self) -> str: ...

    @property
    def inputs(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class TaskFacts:
    id: str
    project_id: str
    created_by: str
    scopes: frozenset[str]
    surroundings: Surroundings

    @classmethod
    def of(cls, task_id: str, task: TaskLike, scopes: frozenset[str]) -> "TaskFacts":
        about = {"id": task_id, "name": task.name, "created_by": task.created_by}
        project = {"id": task.project_id, "code": task.project_code}
        return cls(task_id, task.project_id, task.created_by, scopes, Surroundings(task.inputs, about, project))
