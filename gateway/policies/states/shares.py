"""A limit shared out among processes that count on their own."""


def share_of(limit: int, rank: int, processes: int) -> int:
    """What the process of that rank (from 0) may admit; the shares of all add up to `limit`."""
    each, rest = divmod(limit, processes)
    return each + 1 if rank < rest else each
