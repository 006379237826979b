from kernel.errors import Invalid


class UpdatesRefused(Invalid):
    """Of updates that were asked for together, one can't be made; none is."""

    code = "updates_refused"
