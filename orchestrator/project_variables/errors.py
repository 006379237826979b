from kernel.errors import Conflict


class VariableTaken(Conflict):
    """The project has a variable of that name."""

    code = "variable_exists"


class StaleVariable(Conflict):
    """Somebody changed the variable since it was read."""

    code = "stale_variable"


class VariableInUse(Conflict):
    """Flows name the variable, and would find it no more."""

    code = "variable_in_use"


class VariablesGone(Conflict):
    """The project has no more variables that the flow, or one inside it, names."""

    code = "project_variables_missing"


class SecretsGone(Conflict):
    """The project has no more secrets that the flow, or one inside it, refers to."""

    code = "project_secrets_missing"
