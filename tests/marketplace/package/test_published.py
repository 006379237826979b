"""What was published before a check was made: read, and not held to it."""

import json
from typing import Any

import pytest

from marketplace.package.archive import write_archive
from marketplace.package.errors import PackageRefused
from marketplace.package.package import read_package
from marketplace.package.published import published_contract, read_published
from tests.support.packages import FIND_HOST, files_of, manifest_of

_NOTHING: dict[str, Any] = {"type": "object", "properties": {}, "required": [], "definitions": {}}
_DETAIL = {
    "version": "1.0.0",
    "desc": "waits",
    "enable_plugin_callback": False,
    "inputs": _NOTHING,
    "outputs": _NOTHING,
    "context_inputs": {**_NOTHING, "properties": {"executor": {}}},
    "forms": {"renderform": None},
}


def _python(**files: bytes) -> bytes:
    left = {name: value for name, value in FIND_HOST.items() if name not in ("inputs", "outputs", "component", "form")}
    code = {"bk_plugin/versions/__init__.py": b"", "detail.json": json.dumps(_DETAIL).encode()}
    return write_archive(files_of({**left, "kind": "python", "scopes": []}) | code | files)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (_python(), _python(**{"requirements.txt": b"six\n"})),
        (write_archive(files_of(FIND_HOST)), write_archive(files_of(manifest_of(FIND_HOST, tags=["cmdb", "cmdb"])))),
    ],
    ids=["requirements without hashes", "a tag twice"],
)
def test_what_would_be_refused_today_is_read_as_it_was_taken(now: bytes, then: bytes) -> None:
    with pytest.raises(PackageRefused):
        read_package(then)
    package = read_package(now)
    published = read_published(then)
    assert published.contract == package.contract() == published_contract(then, package.manifest)
    assert (published.manifest.code, published.manifest.python) == (package.manifest.code, package.manifest.python)


@pytest.mark.parametrize(
    "manifest",
    [manifest_of(FIND_HOST, inputs=[]), {name: value for name, value in FIND_HOST.items() if name != "code"}],
)
def test_what_has_not_the_shape_of_a_package_never_was_one(manifest: dict[str, Any]) -> None:
    with pytest.raises(PackageRefused):
        read_published(write_archive(files_of(manifest)))
