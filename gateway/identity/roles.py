"""Which role allows which actions. Pure: who holds a role stands in the database, what it means stands here."""

from types import MappingProxyType
from typing import Final

from kernel.contracts.authorizer import Action, ResourceKind

OWNER: Final = "owner"
ADMIN: Final = "admin"

_VIEW_TASK: Final = frozenset({Action.TASK_VIEW})
_OPERATE_TASK: Final = _VIEW_TASK | {Action.TASK_OPERATE}

_VIEW_FLOW: Final = _VIEW_TASK | {Action.FLOW_VIEW, Action.FLOW_REQUEST}
_OPERATE_FLOW: Final = _VIEW_FLOW | _OPERATE_TASK | {Action.FLOW_LAUNCH, Action.MINI_APP_OPEN}
_DEVELOP_FLOW: Final = _OPERATE_FLOW | {Action.FLOW_EDIT}
_MAINTAIN_FLOW: Final = _DEVELOP_FLOW | {Action.FLOW_PUBLISH, Action.FLOW_SHARE, Action.AUDIT_VIEW}

_VIEW: Final = _VIEW_FLOW | {Action.PROJECT_VIEW}
_OPERATE: Final = _VIEW | _OPERATE_FLOW
_DEVELOP: Final = _OPERATE | _DEVELOP_FLOW
_MAINTAIN: Final = _DEVELOP | _MAINTAIN_FLOW | {Action.PLUGIN_INSTALL, Action.APP_MANAGE}

_MAINTAIN_SYSTEM: Final = frozenset({Action.SYSTEM_VIEW, Action.SYSTEM_MANAGE})

ROLES: Final = MappingProxyType(
    {
        ResourceKind.PLATFORM: MappingProxyType(
            {
                ADMIN: frozenset(Action),
                "registrar": frozenset({Action.SYSTEM_REGISTER}),
                "publisher": frozenset({Action.PLUGIN_PUBLISH}),
                "reviewer": frozenset({Action.PLUGIN_REVIEW}),
                "auditor": frozenset({Action.AUDIT_VIEW}),
            }
        ),
        ResourceKind.SYSTEM: MappingProxyType(
            {OWNER: _MAINTAIN_SYSTEM | {Action.GRANT_DECIDE}, "maintainer": _MAINTAIN_SYSTEM}
        ),
        ResourceKind.APP: MappingProxyType({OWNER: frozenset({Action.APP_MANAGE})}),
        ResourceKind.PROJECT: MappingProxyType(
            {
                OWNER: _MAINTAIN | {Action.PROJECT_MANAGE},
                "maintainer": _MAINTAIN,
                "developer": _DEVELOP,
                "operator": _OPERATE,
                "viewer": _VIEW,
                "auditor": _VIEW | {Action.AUDIT_VIEW},
            }
        ),
        ResourceKind.FLOW: MappingProxyType(
            {
                "owner": _MAINTAIN_FLOW,
                "maintainer": _MAINTAIN_FLOW,
                "developer": _DEVELOP_FLOW,
                "operator": _OPERATE_FLOW,
                "viewer": _VIEW_FLOW,
                "auditor": _VIEW_FLOW | {Action.AUDIT_VIEW},
                "launcher": frozenset({Action.FLOW_LAUNCH, Action.FLOW_REQUEST}),
                "requester": frozenset({Action.FLOW_REQUEST}),
            }
        ),
        ResourceKind.MINI_APP: MappingProxyType({"user": frozenset({Action.MINI_APP_OPEN})}),
        ResourceKind.TASK: MappingProxyType(
            {"operator": _OPERATE_TASK, "viewer": _VIEW_TASK, "auditor": _VIEW_TASK | {Action.AUDIT_VIEW}}
        ),
    }
)
"""Resource kind → role → what it allows on that resource and on everything below it."""

EVERYBODY: Final = frozenset({Action.SYSTEM_VIEW, Action.PROJECT_CREATE})
"""What every signed-in user may do: see the catalogue, found a project of his own."""

LAUNCHER_OF_TASK: Final = frozenset({Action.TASK_VIEW, Action.TASK_OPERATE})
"""What the person who launched a task may do with it, whatever his roles."""


def actions_of(kind: ResourceKind, role: str) -> frozenset[Action]:
    """What `role` on a resource of `kind` allows; an unknown role allows nothing."""
    return ROLES[kind].get(role, frozenset())


def roles_allowing(kind: ResourceKind, action: Action) -> tuple[str, ...]:
    """The roles on a resource of `kind` that allow `action`."""
    return tuple(role for role, actions in ROLES[kind].items() if action in actions)
