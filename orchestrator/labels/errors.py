from kernel.errors import Conflict


class LabelTaken(Conflict):
    """The project has a label of that name."""

    code = "label_exists"
