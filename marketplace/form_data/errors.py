from kernel.errors import TrunklineError


class FormDataFailed(TrunklineError):
    """The plugin, or the way to it, has no data for its form."""

    status = 502
    code = "form_data_failed"
    title = "The plugin has no data for its form"
