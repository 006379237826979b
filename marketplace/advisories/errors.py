from kernel.errors import NotFound


class AdvisoryUnknown(NotFound):
    code = "advisory_unknown"
