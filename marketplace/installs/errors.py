from kernel.errors import Invalid, NotFound


class ConsentIncomplete(Invalid):
    """The scopes consented to are not those the version asks for."""

    code = "consent_incomplete"


class NotInstalled(NotFound):
    code = "not_installed"
