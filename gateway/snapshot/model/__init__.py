"""What the data plane serves from. Shards are immutable; a change compiles one shard and a swap is one assignment."""
