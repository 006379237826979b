from kernel.errors import PermissionDenied, TrunklineError


class FormDataFailed(TrunklineError):
    """The plugin or the system, or the way to it, has no data for the form."""

    status = 502
    code = "form_data_failed"
    title = "There is no data for the form"


class FormRequestRefused(PermissionDenied):
    """The form asks for what it is not answered here, or what the project has not consented to."""

    code = "form_request_refused"
    title = "The form may not ask for this"
