from kernel.errors import TooManyRequests


class QuotaExceeded(TooManyRequests):
    """The project has as much as it may; the text names the quota, its value and what can be done."""

    code = "quota_exceeded"
