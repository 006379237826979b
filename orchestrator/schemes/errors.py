from kernel.errors import Conflict, Invalid


class SchemeTaken(Conflict):
    """The flow has a scheme of that name."""

    code = "scheme_exists"


class SchemeUsed(Conflict):
    """Schedules, triggers or mini-apps start tasks by the scheme."""

    code = "scheme_used"


class SchemesRefused(Invalid):
    """A scheme that is none of the flow's, or a selection that names no optional node."""

    code = "schemes_refused"
