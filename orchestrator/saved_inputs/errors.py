from kernel.errors import Conflict


class NameTaken(Conflict):
    """The person has other inputs of the flow under this name."""

    code = "name_taken"


class TooManySavedInputs(Conflict):
    """The person has as many for the flow as he may have."""

    code = "too_many_saved_inputs"
