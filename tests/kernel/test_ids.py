import time
from itertools import pairwise
from uuid import UUID

import pytest

from kernel.ids import is_id, new_id


def test_ids_are_uuids_of_version_7_and_all_different() -> None:
    made = [new_id() for _ in range(1000)]
    assert len(set(made)) == len(made)
    for each in made:
        assert is_id(each)
        assert (UUID(each).version, UUID(each).variant) == (7, "specified in RFC 4122")


def test_of_two_made_within_a_millisecond_the_first_sorts_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a transaction writes to the audit log is read in the order in which it was done."""
    first = 1_790_000_000_000_000_000
    moments = [first + step * 250 for step in range(8000)]
    upcoming = iter(moments)
    monkeypatch.setattr(time, "time_ns", lambda: next(upcoming))
    made = [new_id() for _ in moments]
    assert all(earlier < later for earlier, later in pairwise(made))
    assert int(made[0][:12], 16) == first // 1_000_000
