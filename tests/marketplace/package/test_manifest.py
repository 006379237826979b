import copy
from typing import Any

import pytest

from marketplace.package.errors import PackageRefused
from marketplace.package.manifest_check import check_manifest, load_manifest, read_manifest
from marketplace.package.package import pack
from marketplace.package.yaml_text import read_yaml
from tests.support.malformed_manifests import MALFORMED
from tests.support.packages import FIND_HOST, RENEW, RUN_SCRIPT, archive_of, files_of, manifest_of


def _refusal(document: Any) -> list[tuple[str, str]]:
    with pytest.raises(PackageRefused) as caught:
        check_manifest(document)
    return [(problem.field, problem.problem) for problem in caught.value.fields]


@pytest.mark.parametrize("base", [FIND_HOST, RUN_SCRIPT])
def test_a_right_manifest_is_read_and_survives_storage(base: dict[str, Any]) -> None:
    manifest = check_manifest(base)
    assert load_manifest(manifest.model_dump_json()) == manifest


@pytest.mark.parametrize("name", MALFORMED)
def test_each_wrong_field_is_named(name: str) -> None:
    document, field = MALFORMED[name]
    assert [found for found, _ in _refusal(document)] == [field]


def test_several_wrong_fields_are_named_together() -> None:
    document = manifest_of(FIND_HOST, code="X", kind="magic", tags=3)
    assert [field for field, _ in _refusal(document)] == ["code", "kind", "tags"]


def test_a_broken_expression_is_told_with_its_position() -> None:
    document = copy.deepcopy(FIND_HOST)
    document["component"]["error"] = "no: ${response.message"
    document["component"]["success"] = "response.result == tru e"
    assert _refusal(document) == [
        ("component.success", "extraneous input 'e', at character 24"),
        ("component.error", "expected '.name', '[index]' or '}', found the end of the text, at character 23"),
    ]


def test_names_bound_by_macros_are_known_inside_conditions() -> None:
    document = copy.deepcopy(FIND_HOST)
    document["component"]["success"] = "response.data.info.all(host, host.bk_host_id > 0) && status == 200"
    check_manifest(document)


def test_the_form_takes_the_inputs_when_it_has_no_schema_of_its_own() -> None:
    manifest = check_manifest(FIND_HOST)
    assert manifest.form_document()["schema"] == FIND_HOST["inputs"]
    assert list(manifest.form_document()["schema"]["properties"]) == ["ip", "biz", "note"]


def test_the_components_a_plugin_calls_are_listed_once() -> None:
    assert check_manifest(RUN_SCRIPT).components() == ["job.execute", "job.status", "job.log"]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (b"\xff\xfe", "plugin.yaml"),
        (b"", "plugin.yaml"),
        (b"- a\n- b\n", "plugin.yaml"),
        (b"code: [\n", "plugin.yaml line 2"),
        (b"code: a\ncode: b\n", "plugin.yaml line 2"),
        (b"a: &x [1]\nb: *x\n", "plugin.yaml line 1"),
        (b"a: !!python/object/apply:os.system [id]\n", "plugin.yaml line 1"),
        (b"a: 1\n---\nb: 1\n", "plugin.yaml line 2"),
        (b"[" * 50_000, "plugin.yaml line 1"),
        (b"? [a, b]\n: 1\n", "plugin.yaml line 1"),
        (b"a: !!binary aGk=\n", "plugin.yaml line 1"),
        (b"a: !!bool x\n", "plugin.yaml"),
        (b"a: !!timestamp x\n", "plugin.yaml line 1"),
        (b'a: !!float ""\n', "plugin.yaml"),
        (b"a: !!omap [1]\n", "plugin.yaml line 1"),
        (b'a: "\\0"\n', "plugin.yaml"),
        (b"a: 1e999\n", "plugin.yaml"),
        (b"a: " + b"9" * 5_000, "plugin.yaml"),
    ],
)
def test_a_text_that_is_no_plain_yaml_is_refused(text: bytes, field: str) -> None:
    with pytest.raises(PackageRefused) as caught:
        read_manifest(text)
    assert [problem.field for problem in caught.value.fields] == [field]


def test_yaml_is_read_as_its_author_meant() -> None:
    text = b"a: [no, off, y, 2026-01-01, 12:30:00, 0x1f]\nb: [010, true, null, ~, 1.5, 1e3]\nversion: 1.0.0\n"
    assert read_yaml(text) == {
        "a": ["no", "off", "y", "2026-01-01", "12:30:00", "0x1f"],
        "b": [10, True, None, None, 1.5, 1000.0],
        "version": "1.0.0",
    }


@pytest.mark.parametrize(("data", "problem"), [(b"", "is empty"), (b"\xff", "is not UTF-8"), (b"a\0b", "NUL")])
@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md"])
def test_texts_beside_the_manifest_must_be_texts(name: str, data: bytes, problem: str) -> None:
    with pytest.raises(PackageRefused) as caught:
        pack({**files_of(FIND_HOST), name: data})
    assert caught.value.fields[0].field == name
    assert problem in caught.value.fields[0].problem


def test_a_package_holds_what_was_packed() -> None:
    package = pack(files_of(FIND_HOST))
    assert package.manifest.code == "find_host"
    assert package.readme == "# A plugin\n"
    assert package.archive == archive_of(FIND_HOST)


def _steps(*changed: tuple[int, dict[str, Any]], **beside: Any) -> dict[str, Any]:
    manifest = manifest_of(RENEW)
    for number, part in changed:
        manifest["component"]["steps"][number] |= part
    manifest["component"] |= beside
    return manifest


def test_a_mapping_of_several_steps_is_read() -> None:
    manifest = check_manifest(_steps())
    assert manifest.components() == ["cmdb.move_host", "job.execute", "job.status"]


@pytest.mark.parametrize(
    ("manifest", "field", "problem"),
    [
        ({**RENEW, "component": {}}, "component.call", "is missing"),
        (_steps(call={"component": "cmdb.get_host"}), "component.call", "stands beside steps"),
        (_steps(success="true"), "component.success", "stands beside steps"),
        (
            _steps((0, {"callback": {"done": "true"}})),
            "component.steps[0].callback",
            "stands before other steps, and a callback doesn't tell for which step it is",
        ),
        (
            _steps((0, {"call": {"component": "cmdb.move_host", "body": {"to": "${storage.was}"}}})),
            "component.steps[0].call.body.to",
            "storage.was is not known here, at character 1",
        ),
        (
            _steps((1, {"call": {"component": "job.execute", "body": {"on": "${storage.id}"}}})),
            "component.steps[1].call.body.on",
            "storage.id is not declared, at character 1",
        ),
        (_steps((1, {"when": "response.ok"})), "component.steps[1].when", "response.ok is not known here"),
        (
            _steps((2, {"outputs": {"gone": "1"}})),
            "component.steps[2].outputs.gone",
            "is not declared in outputs.properties",
        ),
    ],
)
def test_a_wrong_step_is_told_by_its_place(manifest: dict[str, Any], field: str, problem: str) -> None:
    assert (field, problem) in _refusal(manifest)
