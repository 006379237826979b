"""The same on PostgreSQL and Redis with a server that runs no tasks and three workers: any of the six may die, be
emptied or be started again while tasks are under way.
"""

import pytest

from tests.durability.kills import kill_many
from tests.durability.stands import Stand


def test_spread_tasks_survive_ten_kills(spread: Stand) -> None:
    kill_many(spread, 10)


@pytest.mark.deep
def test_spread_tasks_survive_three_hundred_kills(spread: Stand) -> None:
    kill_many(spread, 300)
