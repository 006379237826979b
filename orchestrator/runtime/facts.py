"""What never changes of a task."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Protocol

from orchestrator.engine.model import Surroundings

_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


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
    """Attributes:
    context: what plugins are told of task and project.
    """

    id: str
    project_id: str
    created_by: str
    scopes: frozenset[str]
    surroundings: Surroundings
    context: Mapping[str, Any]

    @classmethod
    def of(
        cls,
        task_id: str,
        task: TaskLike,
        scopes: frozenset[str],
        variables: Mapping[str, Any] = _NOTHING,
        secrets: Mapping[str, str] = _NOTHING,
    ) -> "TaskFacts":
        """Args:
        variables: of its project, as far as it names them.
        secrets: name of one of its project → the handle that stands for it in this task.
        """
        about = {"id": task_id, "name": task.name, "created_by": task.created_by}
        project = {"id": task.project_id, "code": task.project_code}
        surroundings = Surroundings(task.inputs, about, {**project, "variables": variables, "secrets": secrets})
        context = {"task": about, "project": project}
        return cls(task_id, task.project_id, task.created_by, scopes, surroundings, context)
