from kernel.errors import Conflict, PermissionDenied


class PluginDenied(PermissionDenied):
    """A policy doesn't take the plugin, or it is switched off."""

    code = "plugin_denied"


class StalePolicy(Conflict):
    """Somebody changed the policy since it was read."""

    code = "stale_policy"
