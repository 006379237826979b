from gateway.fields import Time, View


class WorkerView(View):
    id: str
    revision: int
    lease_expires_at: Time


class SnapshotView(View):
    """Attributes:
    revision: the newest published one; live once every worker shows it.
    """

    revision: int
    workers: list[WorkerView]


class LiveView(View):
    """Part of each answer to a change of configuration.

    Attributes:
        live: every worker serves the revision already.
    """

    revision: int
    live: bool
