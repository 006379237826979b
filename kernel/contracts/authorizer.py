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
    PLUGIN_REVIEW = "plugin.review"
    PLUGIN_INSTALL = "plugin.install"
    FLOW_VIEW = "flow.view"
    FLOW_EDIT = "flow.edit"
    FLOW_PUBLISH = "flow.publish"
    FLOW_REQUEST = "flow.request"
    FLOW_LAUNCH = "flow.launch"
    FLOW_SHARE = "flow.share"
    MINI_APP_OPEN = "mini_app.open"
    TASK_VIEW = "task.view"
    TASK_OPERATE = "task.operate"
    AUDIT_VIEW = "audit.view"


class ResourceKind(StrEnum):
    PLATFORM = "platform"
    SYSTEM = "system"
    APP = "app"
    PROJECT = "project"
    FLOW = "flow"
    MINI_APP = "mini_app"
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


class Reason(StrEnum):
    """Why something is allowed or denied."""

    ROLE = "role"
    EVERYBODY = "everybody"
    OWN_TASK = "own_task"
    RELATED_APP = "related_app"
    DEPUTY = "deputy"
    PRODUCT = "product"

    ROLE_MISSING = "role_missing"
    TOKEN_TOO_NARROW = "token_too_narrow"  # noqa: S105  a reason
    OTHER_PROJECT = "other_project"
    APP_NOT_RELATED = "app_not_related"
    NO_PERSON = "no_person"


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A person's role on a resource, and where it comes from.

    Attributes:
        origin: `given` by hand, `cmdb`, or `idp:` and the name of the identity provider.
        given_by: who gave it; empty where that isn't known.
    """

    username: str
    role: str
    resource: Resource
    origin: str
    given_by: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Attributes:
    by: the role that decided, when one did.
    """

    allowed: bool
    reason: Reason
    by: HeldRole | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision as people read it.

    Attributes:
        text: one sentence; for a denial with what is missing and whom to ask.
        roles: those that would do, each on the resource `on`; empty when no role would.
        ask: user names of people who could give one.
    """

    decision: Decision
    text: str
    roles: tuple[str, ...] = ()
    on: Resource | None = None
    ask: tuple[str, ...] = ()


class Authorizer(Protocol):
    async def require(self, session: AsyncSession, principal: Principal, action: Action, resource: Resource) -> None:
        """Returns when allowed.

        Raises:
            PermissionDenied: with what is missing and whom to ask.
        """
        ...

    async def allows(self, session: AsyncSession, principal: Principal, action: Action, resource: Resource) -> bool: ...

    def require_credential(self, principal: Principal, action: Action, resource: Resource) -> None:
        """Of what is the caller's own, and needs no role: returns when his credential carries the action there.

        Raises:
            PermissionDenied: it is narrowed to less.
        """
        ...

    async def explain(
        self, session: AsyncSession, principal: Principal, action: Action, resource: Resource
    ) -> Explanation:
        """The decision that `allows` comes to, and why."""
        ...

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
