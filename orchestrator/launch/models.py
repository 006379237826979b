from kernel.db.idempotency import IdempotencyRecord


class LaunchKey(IdempotencyRecord, table=True):
    """A launch that carried an idempotency key, with the task it made."""

    __tablename__ = "orchestrator_launch_key"
