class ShardError(ValueError):
    """A shard document that cannot be compiled; the message names the field. Nothing is served from it."""
