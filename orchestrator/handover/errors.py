from kernel.errors import Conflict


class RequestSettled(Conflict):
    """The request is in another state by now."""

    code = "request_state"


class RequestClaimed(Conflict):
    """Somebody else has claimed it."""

    code = "request_claimed"
