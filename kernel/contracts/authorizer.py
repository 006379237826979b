"""The one place that decides who may do what: implemented by gateway.identity."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from kernel.principal import Principal


class Action(StrEnum):
    """Everything that needs permission outside the data plane."""

    PLATFORM_ADMINISTER = "platform.administer"
    SYSTEM_REGISTER = "system.register"
    SYSTEM_VIEW = "system.view"
    SYSTEM_MANAGE = "system.manage"
    GRANT_DECIDE = "grant.decide"
    APP_MANAGE = "app.manage"
    PROJECT_CREATE = "project.create"
    PROJECT_VIEW = "project.view"
    PROJECT_MANAGE = "project.manage"
    PLUGIN_PUBLISH = "plugin.publish"
    PLUGIN_INSTALL = "plugin.install"
    FLOW_VIEW = "flow.view"
    FLOW_EDIT = "flow.edit"
    FLOW_PUBLISH = "flow.publish"
    FLOW_LAUNCH = "flow.launch"
    FLOW_SHARE = "flow.share"
    TASK_VIEW = "task.view"
    TASK_OPERATE = "task.operate"
    AUDIT_VIEW = "audit.view"


class ResourceKind(StrEnum):
    PLATFORM = "platform"
    SYSTEM = "system"
    APP = "app"
    PROJECT = "project"
    FLOW = "flow"
    TASK = "task"


@dataclass(frozen=True, slots=True)
class Resource:
    """What an action is on. Rights on `parents` reach down: a project's roles hold for its flows and tasks.

    Attributes:
        created_by: for a task, who launched it: the launcher may always watch and operate his own task.
    """

    kind: ResourceKind
    id: str
    parents: tuple["Resource", ...] = ()
    created_by: str | None = None


PLATFORM = Resource(ResourceKind.PLATFORM, "platform")


class Authorizer(Protocol):
    async def require(self, session: AsyncSession, principal: Principal, action: Action, resource: Resource) -> None:
        """Returns when allowed.

        Raises:
            PermissionDenied: with what is missing and whom to ask.
        """
        ...

    async def allows(self, session: AsyncSession, principal: Principal, action: Action, resource: Resource) -> bool: ...

    async def resources_allowing(
        self, session: AsyncSession, principal: Principal, action: Action, kind: ResourceKind
    ) -> frozenset[str] | None:
        """Ids of the resources of `kind` on which a role bound directly allows `action`; `None` means all."""
        ...

    async def bind_role(
        self, session: AsyncSession, principal: Principal, username: str, role: str, resource: Resource
    ) -> None:
        """Gives `username` a role on `resource` (e.g. `launcher` on a flow); the caller has checked the right to."""
        ...

    async def unbind_role(
        self, session: AsyncSession, principal: Principal, username: str, role: str, resource: Resource
    ) -> None: ...
