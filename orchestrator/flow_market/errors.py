from kernel.errors import Conflict, Invalid


class ForeignFlowInside(Invalid):
    """A flow that belongs to another project is run inside: it is not this project's to share."""

    code = "foreign_flow_inside"


class ChangedHere(Conflict):
    """A flow was changed since it was taken."""

    code = "flow_changed_here"


class NotOffered(Conflict):
    """The version was withdrawn, or asks for another version of this product."""

    code = "flow_not_offered"
