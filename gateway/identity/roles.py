"""Which role allows which actions. Pure: who holds a role stands in the database, what it means stands here."""

from types import MappingProxyType
from typing import Final

from kernel.contracts.authorizer import Action, ResourceKind

OWNER: Final = "owner"

_VIEW: Final = frozenset({Action.PROJECT_VIEW, Action.FLOW_VIEW, Action.TASK_VIEW})
_OPERATE: Final = _VIEW | {Action.FLOW_LAUNCH, Action.TASK_OPERATE}
_DEVELOP: Final = _OPERATE | {Action.FLOW_EDIT}
_MAINTAIN: Final = _DEVELOP | {
    Action.PLUGIN_INSTALL,
    Action.FLOW_PUBLISH,
    Action.FLOW_SHARE,
    Action.APP_MANAGE,
    Action.AUDIT_VIEW,
}

ROLES: Final = MappingProxyType(
    {
        ResourceKind.PLATFORM: MappingProxyType(
            {
                "admin": frozenset(Action),
                "registrar": frozenset({Action.SYSTEM_REGISTER}),
                "publisher": frozenset({Action.PLUGIN_PUBLISH}),
                "auditor": frozenset({Action.AUDIT_VIEW}),
            }
        ),
        ResourceKind.SYSTEM: MappingProxyType(
            {"owner": frozenset({Action.SYSTEM_VIEW, Action.SYSTEM_MANAGE, Action.GRANT_DECIDE})}
        ),
        ResourceKind.APP: MappingProxyType({"owner": frozenset({Action.APP_MANAGE})}),
        ResourceKind.PROJECT: MappingProxyType(
            {
                "owner": _MAINTAIN | {Action.PROJECT_MANAGE},
                "maintainer": _MAINTAIN,
                "developer": _DEVELOP,
                "operator": _OPERATE,
                "viewer": _VIEW,
                "auditor": _VIEW | {Action.AUDIT_VIEW},
            }
        ),
        ResourceKind.FLOW: MappingProxyType({"launcher": frozenset({Action.FLOW_LAUNCH})}),
        ResourceKind.TASK: MappingProxyType({}),
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
