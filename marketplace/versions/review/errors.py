from kernel.errors import Conflict, NotFound, PermissionDenied


class SubmissionUnknown(NotFound):
    code = "submission_unknown"


class SubmissionDecided(Conflict):
    """Somebody decided it meanwhile, or it was withdrawn."""

    code = "submission_decided"


class OwnSubmission(PermissionDenied):
    """Whoever submitted a package doesn't approve it."""

    code = "own_submission"
