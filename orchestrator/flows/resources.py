"""What permissions of this unit are asked on."""

from typing import Protocol

from kernel.contracts.authorizer import PLATFORM, Resource, ResourceKind
from kernel.principal import Principal


def project_resource(project_id: str) -> Resource:
    return Resource(ResourceKind.PROJECT, project_id)


def reach_of(principal: Principal) -> Resource:
    """The widest place in which the caller's credential counts."""
    return PLATFORM if principal.confined_to is None else project_resource(principal.confined_to)


def flow_resource(flow_id: str, project_id: str) -> Resource:
    return Resource(ResourceKind.FLOW, flow_id, (project_resource(project_id),))


def used_flow_resource(flow_id: str, project_id: str, *, common: bool) -> Resource:
    """A flow where it is used. Roles on one that is another project's count for nothing in those that use it.

    Args:
        common: it is another project's.
    """
    return project_resource(project_id) if common else flow_resource(flow_id, project_id)


def mini_app_resource(app_id: str, flow_id: str, project_id: str, *, common: bool) -> Resource:
    """Roles on the flow that open its apps reach each of them."""
    return Resource(ResourceKind.MINI_APP, app_id, (used_flow_resource(flow_id, project_id, common=common),))


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
    parent = used_flow_resource(task.flow_id, task.project_id, common=task.common)
    return Resource(ResourceKind.TASK, task.id, (parent,), task.created_by if for_launcher else None)
