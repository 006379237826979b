from kernel.errors import NotFound, TrunklineError


class HostedPluginUnknown(NotFound):
    code = "hosted_plugin_unknown"
    title = "No such plugin is hosted"


class PluginAway(TrunklineError):
    """The plugin can't be reached for the moment; nothing was handed to it. Ask again."""

    status = 503
    code = "plugin_away"
    title = "The plugin can't be reached for the moment"


class PluginFailed(TrunklineError):
    """The plugin can't be run, or its process ended while it was asked; asking again doesn't help."""

    status = 502
    code = "plugin_failed"
    title = "The hosted plugin failed"


class PluginNotInstalled(TrunklineError):
    status = 403
    code = "plugin_not_installed"
    title = "The caller's project hasn't installed the plugin"
