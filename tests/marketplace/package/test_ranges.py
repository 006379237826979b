import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.package.ranges import read_range

NUMBERS = st.builds("{}.{}.{}".format, st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))


@pytest.mark.parametrize(
    ("text", "version", "admits"),
    [
        (">=1.0.0 <1.4.2", "1.4.1", True),
        (">=1.0.0 <1.4.2", "1.4.2", False),
        (">=1.0.0 <1.4.2", "0.9.9", False),
        ("<1.0.0 || >=2.0.0", "1.5.0", False),
        ("<1.0.0 || >=2.0.0", "2.0.0", True),
        ("1.2.3", "1.2.3", True),
        ("=1.2.3", "1.2.4", False),
        ("<=1.2.3", "1.2.3", True),
        (">1.2.3", "1.2.3", False),
        ("<2.0.0", "2.0.0-rc.1", True),
        (">1.10.0", "1.9.0", False),
        ("*", "0.0.1", True),
    ],
)
def test_a_range_holds_the_versions_it_says(text: str, version: str, *, admits: bool) -> None:
    assert read_range(text).admits(version) is admits


@pytest.mark.parametrize(
    "text", ["", " ", "1.2", ">=", "~1.2.3", ">=1.0.0 ||", "* 1.0.0", ">=1.0.0,<2.0.0", "1.0.0 " * 50]
)
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is|holds|no"):
        read_range(text)


@given(NUMBERS, NUMBERS, NUMBERS)
def test_a_version_is_in_a_range_or_in_what_is_left_and_never_in_both(low: str, high: str, version: str) -> None:
    inside, outside = read_range(f">={low} <{high}"), read_range(f"<{low} || >={high}")
    assert inside.admits(version) is not outside.admits(version)
