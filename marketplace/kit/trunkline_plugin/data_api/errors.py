class NoView(Exception):
    """No view stands at this path."""


class BadRequest(Exception):
    """The request can't be read; the message says why."""
