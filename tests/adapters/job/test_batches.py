import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.job.service.batches import ExpressionWrong, batches_of


@pytest.mark.parametrize(
    ("expression", "hosts", "sizes"),
    [
        ("2", 5, [2, 2, 1]),
        ("1 3", 5, [1, 3, 1]),
        ("1, 50%", 6, [1, 3, 2]),
        ("10%", 3, [1, 1, 1]),
        ("100%", 4, [4]),
        ("999999", 4, [4]),
        ("1 25% 100%", 8, [1, 2, 5]),
    ],
)
def test_hosts_come_in_batches_of_the_sizes(expression: str, hosts: int, sizes: list[int]) -> None:
    assert list(batches_of(expression, hosts)) == [number for number, size in enumerate(sizes) for _ in range(size)]


@given(
    st.lists(st.integers(1, 200).map(lambda n: f"{n}%") | st.integers(1, 999).map(str), min_size=1), st.integers(1, 300)
)
def test_every_host_is_in_one_batch_and_none_is_empty(parts: list[str], hosts: int) -> None:
    batches = batches_of(" ".join(parts[:50]), hosts)
    assert len(batches) == hosts
    assert sorted(set(batches)) == list(range(max(batches) + 1))
    assert list(batches) == sorted(batches)


@pytest.mark.parametrize("expression", ["", " , ", "0", "0%", "-1", "1.5", "ten", "1 " * 51, "9" * 7])
def test_what_is_no_size_is_refused(expression: str) -> None:
    with pytest.raises(ExpressionWrong):
        batches_of(expression, 10)
