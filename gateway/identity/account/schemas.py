from gateway.identity.role_bindings.schemas import HeldRoleView
from gateway.identity.users.schemas import UserView


class AccountView(UserView):
    """Attributes:
    platform_roles: with where each comes from.
    """

    platform_roles: list[HeldRoleView]
