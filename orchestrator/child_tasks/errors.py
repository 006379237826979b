from kernel.errors import Conflict, Invalid


class NoWaitingNode(Invalid):
    """Only a node that waits starts child tasks."""

    code = "no_waiting_node"


class TooDeep(Conflict):
    """Child tasks lie too deep inside one another."""

    code = "child_tasks_too_deep"
