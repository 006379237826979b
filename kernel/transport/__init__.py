"""The fast HTTP/1.1 client of the hot road: pooled connections, streaming both ways, checked addresses."""
