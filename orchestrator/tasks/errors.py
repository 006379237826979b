from kernel.errors import Conflict, Invalid


class IllegalOperation(Conflict):
    """The task or node is not in a state that allows it."""

    code = "illegal_operation"


class DefinitionMissing(Conflict):
    """What the task ran by is stored no more: the database was damaged. The doctor ends such tasks."""

    code = "definition_missing"


class InputsRefused(Invalid):
    """The changed inputs don't fit the plugin."""

    code = "inputs_refused"
