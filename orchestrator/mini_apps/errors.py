from kernel.errors import Conflict


class CodeTaken(Conflict):
    """Another app has this code, in whatever project."""

    code = "code_taken"


class AppClosed(Conflict):
    """The app is switched off, or its time is over."""

    code = "mini_app_closed"


class AppChanged(Conflict):
    """The revision whose form was filled in is none that the app runs."""

    code = "mini_app_changed"
