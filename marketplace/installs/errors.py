from kernel.errors import Conflict, Invalid, NotFound


class ConsentIncomplete(Invalid):
    """The scopes consented to are not those the version asks for."""

    code = "consent_incomplete"


class NotInstalled(NotFound):
    code = "not_installed"


class PluginInUse(Conflict):
    """Flows or tasks run the version that is to go."""

    code = "plugin_in_use"


class PluginPinned(Conflict):
    """The policy keeps the plugin at the versions that are installed."""

    code = "plugin_pinned"


class NothingToUndo(Conflict):
    """No upgrade stands that could be taken back."""

    code = "nothing_to_undo"
