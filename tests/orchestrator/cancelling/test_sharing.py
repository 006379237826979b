import pytest

from orchestrator.cancelling.sharing import choose

FLOOD = [(f"a{number}", "a") for number in range(9)]


@pytest.mark.parametrize(
    ("waiting", "under_way", "room", "chosen"),
    [
        (FLOOD, {}, 3, ["a0", "a1", "a2"]),
        ([*FLOOD, ("b0", "b")], {}, 3, ["a0", "b0", "a1"]),
        ([*FLOOD, ("b0", "b")], {"a": 2}, 1, ["b0"]),
        ([*FLOOD, ("b0", "b"), ("c0", "c")], {"a": 1, "b": 1}, 2, ["c0", "a0"]),
        (FLOOD, {"a": 3}, 9, ["a0"]),
        (FLOOD, {"a": 4}, 9, []),
        ([], {"a": 4}, 9, []),
    ],
)
def test_whoever_has_fewest_under_way_is_next_and_nobody_has_more_than_its_share(
    waiting: list[tuple[str, str]], under_way: dict[str, int], room: int, chosen: list[str]
) -> None:
    assert choose(waiting, under_way, room, share=4) == chosen
