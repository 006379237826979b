from kernel.db.idempotency import IdempotencyRecord


class ToolsIdempotency(IdempotencyRecord, table=True):
    __tablename__ = "adapter_tools_idempotency"
