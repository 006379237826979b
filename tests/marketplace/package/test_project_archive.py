"""Zips of the folder that an author works in, and of more than that."""

import stat
import zipfile

import pytest

from marketplace.package import project_archive
from marketplace.package.archive import read_archive
from marketplace.package.errors import PackageRefused
from marketplace.package.project_archive import read_project_archive
from tests.support.hostile_archives import GOOD, zip_of

CODE = {"bk_plugin/__init__.py": b"", "bk_plugin/versions/__init__.py": b"", "bk_plugin/versions/v1.py": b"x = 1\n"}


def _zipped(place: str = "", **more: bytes) -> bytes:
    return zip_of([(f"{place}{name}", data) for name, data in {**CODE, **more}.items()])


@pytest.mark.parametrize("place", ["", "greeter/", "greeter-main/"])
def test_only_what_belongs_to_the_plugin_is_read(place: str) -> None:
    others = {
        "bin/start.sh": b"x",
        "app_desc.yml": b"x",
        "detail.json": b"{}",
        ".git/config": b"x",
        "README.md": b"# G",
    }
    outside = {"bk_plugin/../../x.py": b"x", "../plugin.yaml": b"x", "/plugin.yaml": b"x"}
    made = {"bk_plugin/.env": b"SECRET=1", "bk_plugin/__pycache__/a.pyc": b"x", "bk_plugin/versions/": b""}
    assert read_project_archive(_zipped(place, **others, **outside, **made)) == {**CODE, "README.md": b"# G"}


def test_a_folder_with_a_manifest_that_was_zipped_by_hand_is_read_too() -> None:
    files = {"plugin.yaml": b"code: a", "README.md": b"# A"}
    assert read_project_archive(zip_of([(f"a/{name}", data) for name, data in files.items()])) == files


@pytest.mark.parametrize("archive", [GOOD, b"", b"no zip", zip_of([("a/b/bk_plugin/versions/v1.py", b"")])])
def test_what_is_no_folder_of_an_author_is_left_to_others(archive: bytes) -> None:
    assert read_project_archive(archive) is None


def _special(kind: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("bk_plugin/versions/v2.py")
    entry.create_system, entry.external_attr = 3, (kind | 0o644) << 16
    return entry


@pytest.mark.parametrize(
    ("archive", "problem"),
    [
        (zip_of([*CODE.items(), (_special(stat.S_IFLNK), b"/etc/passwd")]), "v2.py: is a link or another special file"),
        (_zipped(**{"bk_plugin/a b.py": b""}), "has a name that can't be packed"),
        (_zipped(**{"bk_plugin/a.py": b"\0" * 5_000_000}), "is larger than"),
        (_zipped(**{"README.md": b"\0" * 500_000}), "unpacks to more than 100 times its size"),
        (_zipped(**{f"bk_plugin/a{n}.py": b"" for n in range(500)}), "a package has at most 500"),
        (_zipped(**{f"bk_plugin/a{n}.py": b"\0" * 1_000_000 for n in range(45)}), "unpacks to more than"),
        (zip_of(list(CODE.items()), zipfile.ZIP_STORED).replace(b"x = 1", b"x = 2"), "is damaged"),
    ],
    ids=["a link", "a name", "a large file", "a bomb", "many files", "large files", "damage"],
)
def test_what_can_do_harm_is_refused_by_name(archive: bytes, problem: str) -> None:
    with pytest.raises(PackageRefused, match=problem):
        read_project_archive(archive)


def test_a_crowd_of_files_is_refused() -> None:
    with pytest.raises(PackageRefused, match="lists more than 10000 files"):
        read_project_archive(_zipped(**{f"other/{n}": b"" for n in range(10_000)}))


def test_a_zip_is_not_read_beyond_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_archive, "MAX_PROJECT", 100)
    with pytest.raises(PackageRefused, match="is larger than 100 bytes"):
        read_project_archive(_zipped())


def test_whoever_takes_packages_alone_names_the_command_that_packs_a_project() -> None:
    with pytest.raises(PackageRefused) as refused:
        read_archive(_zipped("greeter/", **{"app_desc.yml": b"x"}))
    (problem,) = refused.value.fields
    assert (problem.field, problem.problem) == ("archive", "is a project of bk-plugin-framework that was not packed")
    assert "trunkline plugin publish FILE.zip --publisher NAME" in problem.remedy
