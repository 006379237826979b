"""What permissions of this unit are asked on."""

from kernel.contracts.authorizer import Resource, ResourceKind


def project_resource(project_id: str) -> Resource:
    return Resource(ResourceKind.PROJECT, project_id)


def flow_resource(flow_id: str, project_id: str) -> Resource:
    return Resource(ResourceKind.FLOW, flow_id, (project_resource(project_id),))


def mini_app_resource(app_id: str, flow_id: str, project_id: str) -> Resource:
    """Roles on the flow that open its apps reach each of them."""
    return Resource(ResourceKind.MINI_APP, app_id, (flow_resource(flow_id, project_id),))


def task_resource(task_id: str, flow_id: str, project_id: str, created_by: str | None) -> Resource:
    """Roles on the flow reach its tasks; to launch it is no right to see everybody's.

    Without `created_by` only roles count.
    """
    return Resource(ResourceKind.TASK, task_id, (flow_resource(flow_id, project_id),), created_by)
