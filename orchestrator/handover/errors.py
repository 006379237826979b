from kernel.errors import Conflict


class RequestSettled(Conflict):
    """The request is in another state by now."""

    code = "request_state"


class TooManyRequested(Conflict):
    """A person has asked for as many tasks as he may that nobody has settled yet."""

    code = "too_many_task_requests"


class RequestClaimed(Conflict):
    """Somebody else has claimed it."""

    code = "request_claimed"
