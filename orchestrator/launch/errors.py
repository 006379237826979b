from kernel.errors import Conflict, Invalid


class InputsRefused(Invalid):
    """The inputs don't fit the flow's form."""

    code = "inputs_refused"


class PluginGone(Conflict):
    """A plugin version the revision is pinned to is no longer installed in the project."""

    code = "plugin_not_installed"


class IdempotencyKeyReused(Conflict):
    """The key was first sent with another launch."""

    code = "idempotency_key_reused"


class NodesRefused(Invalid):
    """A node that is to be left out is not optional, or is needed; or a task can't begin at the node it is to."""

    code = "nodes_refused"


class SubflowGone(Conflict):
    """A flow that the revision runs inside it can't be run now."""

    code = "subflow_unusable"


class TaskUnderWay(Conflict):
    """A task can be run again from one of its nodes only when nothing of it works any more."""

    code = "task_under_way"
