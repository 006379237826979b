from pathlib import Path

import pytest

from marketplace.authoring.component_draft import component_draft
from marketplace.authoring.folder import open_package, read_folder
from marketplace.package.errors import PackageRefused
from marketplace.package.package import pack
from tests.support.packages import FIND_HOST, archive_of, files_of


def _write(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def test_a_draft_passes_its_own_checks() -> None:
    package = pack(component_draft("find_business", "acme"))
    assert (package.manifest.code, package.manifest.publisher) == ("find_business", "acme")
    assert package.manifest.component.error == "${response.message}"


def test_a_folder_and_its_archive_are_the_same_package(tmp_path: Path) -> None:
    folder = _write(tmp_path / "plugin", files_of(FIND_HOST))
    (folder / "notes.txt").write_text("left out")
    (tmp_path / "plugin.zip").write_bytes(archive_of(FIND_HOST))
    assert open_package(folder) == open_package(tmp_path / "plugin.zip")


def test_a_folder_without_a_manifest_is_no_plugin(tmp_path: Path) -> None:
    with pytest.raises(PackageRefused, match=r"plugin\.yaml: is missing"):
        read_folder(tmp_path)


def test_links_and_huge_files_are_not_packed(tmp_path: Path) -> None:
    folder = _write(tmp_path / "plugin", files_of(FIND_HOST))
    (folder / "README.md").unlink()
    (folder / "README.md").symlink_to("/etc/passwd")
    with pytest.raises(PackageRefused, match=r"README\.md: is a link"):
        open_package(folder)
    (folder / "README.md").unlink()
    (folder / "README.md").write_bytes(b"x" * 600_000)
    with pytest.raises(PackageRefused, match=r"README\.md: is a link or larger"):
        open_package(folder)
