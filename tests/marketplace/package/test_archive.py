import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.errors import TrunklineError
from marketplace.package.archive import read_archive, write_archive
from marketplace.package.errors import PackageRefused
from marketplace.package.package import pack, read_package
from tests.support.hostile_archives import ATTACKS, FILES, GOOD, WHOLE, with_entry, zip_of


@pytest.mark.parametrize("name", ATTACKS)
def test_an_archive_that_is_no_plain_package_is_refused_by_name(name: str) -> None:
    make, field = ATTACKS[name]
    with pytest.raises(PackageRefused) as caught:
        read_archive(make())
    assert [problem.field for problem in caught.value.fields] == [field]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_is_there_twice_is_refused() -> None:
    with pytest.raises(PackageRefused, match=r"README\.md: is there twice"):
        read_archive(with_entry("README.md"))


def test_the_same_files_give_the_same_bytes_and_digest() -> None:
    shuffled = dict(reversed(FILES.items()))
    assert write_archive(shuffled) == GOOD
    assert pack(shuffled).digest == read_package(GOOD).digest


def test_the_digest_depends_on_content_and_not_on_compression() -> None:
    stored = zip_of(list(WHOLE.items()), zipfile.ZIP_STORED)
    assert stored != GOOD
    assert read_package(stored).digest == read_package(GOOD).digest
    assert pack({**FILES, "README.md": b"# Other\n"}).digest != read_package(GOOD).digest


def test_a_package_comes_back_as_it_was_packed() -> None:
    assert read_archive(GOOD) == WHOLE


def _outcome(read: Callable[[bytes], Any], archive: bytes) -> Any:
    """What was read, or the fields that a refusal names; anything else that is raised fails the test."""
    try:
        return read(archive)
    except TrunklineError as error:
        return tuple(error.fields)


@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=12))
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_mutated_bytes_are_read_or_refused_and_never_crash(changes: list[tuple[int, int]]) -> None:
    mutated = bytearray(GOOD)
    for position, value in changes:
        mutated[position] = value
    assert _outcome(read_package, bytes(mutated)) != ()


@given(st.integers(0, len(GOOD)), st.integers(0, len(GOOD)), st.binary(max_size=64))
@settings(max_examples=300, deadline=None)
def test_cut_and_spliced_archives_are_refused_and_never_crash(start: int, end: int, inserted: bytes) -> None:
    spliced = GOOD[:start] + inserted + GOOD[end:]
    outcome = _outcome(read_archive, spliced)
    assert outcome == WHOLE or isinstance(outcome, tuple)
    assert outcome != ()
