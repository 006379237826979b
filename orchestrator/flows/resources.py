"""What permissions of this unit are asked on."""

from typing import Protocol

from kernel.contracts.authorizer import Resource, ResourceKind


def project_resource(project_id: str) -> Resource:
    return Resource(ResourceKind.PROJECT, project_id)


def flow_resource(flow_id: str, project_id: str) -> Resource:
    return Resource(ResourceKind.FLOW, flow_id, (project_resource(project_id),))


def mini_app_resource(app_id: str, flow_id: str, project_id: str) -> Resource:
    """Roles on the flow that open its apps reach each of them."""
    return Resource(ResourceKind.MINI_APP, app_id, (flow_resource(flow_id, project_id),))


class OfFlow(Protocol):
    """A task, as far as permissions on it go; `common`: its flow is another project's."""

    @property
    def id(self) -> str: ...
    @property
    def flow_id(self) -> str: ...
    @property
    def project_id(self) -> str: ...
    @property
    def created_by(self) -> str: ...
    @property
    def common(self) -> bool: ...


def task_resource(task: OfFlow, *, for_launcher: bool = True) -> Resource:
    """Roles on the flow reach its tasks, but not those that other projects make of a common flow; to launch it is no
    right to see everybody's.

    Args:
        for_launcher: otherwise only roles count.
    """
    project = project_resource(task.project_id)
    parent = project if task.common else flow_resource(task.flow_id, task.project_id)
    return Resource(ResourceKind.TASK, task.id, (parent,), task.created_by if for_launcher else None)
