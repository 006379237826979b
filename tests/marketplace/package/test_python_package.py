"""Packages with code: what they hold, and what their manifest leaves to the code."""

import json

import pytest

from marketplace.package.archive import write_archive
from marketplace.package.errors import PackageRefused
from marketplace.package.package import read_package
from tests.support.packages import FIND_HOST, files_of, manifest_of

MANIFEST = {
    name: value for name, value in FIND_HOST.items() if name not in ("inputs", "outputs", "component", "form")
} | {"kind": "python", "scopes": []}
DETAIL = {
    "version": "1.0.0",
    "desc": "polls",
    "enable_plugin_callback": True,
    "inputs": {
        "type": "object",
        "properties": {"color": {"allOf": [{"$ref": "#/definitions/Color"}]}, "pair": {"items": [{"type": "string"}]}},
        "required": ["color"],
        "definitions": {"Color": {"enum": ["red"], "type": "string"}},
    },
    "outputs": {"type": "object", "properties": {}, "required": [], "definitions": {}},
    "context_inputs": {"type": "object", "properties": {"executor": {}}, "required": [], "definitions": {}},
    "forms": {"renderform": None},
}


def files(manifest=MANIFEST, detail=DETAIL, **more: bytes):
    made = {"bk_plugin/versions/__init__.py": b"", "detail.json": json.dumps(detail).encode()}
    return files_of(manifest) | made | more


def test_inputs_are_what_the_code_says():
    manifest = read_package(write_archive(files())).manifest
    assert manifest.inputs == {
        "type": "object",
        "properties": {
            "color": {"allOf": [{"$ref": "#/$defs/Color"}]},
            "pair": {"prefixItems": [{"type": "string"}]},
        },
        "required": ["color"],
        "$defs": {"Color": {"enum": ["red"], "type": "string"}},
    }
    assert (manifest.python.version, manifest.python.context, manifest.python.tells_end) == (
        "1.0.0",
        ["executor"],
        True,
    )
    assert manifest.calls() == []


def test_a_pre_release_of_the_code_is_published_under_its_semantic_number():
    detail = {**DETAIL, "version": "1.0.0rc2"}
    manifest = read_package(write_archive(files(manifest_of(MANIFEST, version="1.0.0-rc.2"), detail))).manifest
    assert (manifest.version, manifest.python.version) == ("1.0.0-rc.2", "1.0.0rc2")
    for version in ("1.0.0rc2", "1.0.0"):
        with pytest.raises(PackageRefused, match=r"1\.0\.0rc2, published as 1\.0\.0-rc\.2"):
            read_package(write_archive(files(manifest_of(MANIFEST, version=version), detail)))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (files(manifest_of(MANIFEST, inputs={"type": "object"})), "inputs"),
        (files(manifest_of(MANIFEST, version="1.0.1")), "version"),
        (files(manifest_of(MANIFEST, component=FIND_HOST["component"])), "component"),
        (files(detail=DETAIL | {"inputs": []}), "detail.json"),
        (files(**{"detail.json": b"["}), "detail.json"),
        (files(detail=DETAIL | {"version": "x"}), "version"),
        (files(SIGNATURES=b"x"), "SIGNATURES line 1"),
        (files(**{"requirements.txt": b"six\n"}), "requirements.txt"),
        (files(**{"requirements.txt": b"\xff"}), "requirements.txt"),
        (files_of(MANIFEST) | {"bk_plugin/versions/__init__.py": b""}, "detail.json"),
        (files_of(MANIFEST) | {"detail.json": json.dumps(DETAIL).encode()}, "bk_plugin/versions"),
        (files_of(FIND_HOST) | {"bk_plugin/a.py": b""}, "bk_plugin/a.py"),
        (files_of(FIND_HOST) | {"detail.json": json.dumps(DETAIL).encode()}, "detail.json"),
    ],
)
def test_a_package_that_contradicts_itself_is_refused(given, field):
    with pytest.raises(PackageRefused) as refused:
        read_package(write_archive(given))
    assert [problem.field for problem in refused.value.fields] == [field]
