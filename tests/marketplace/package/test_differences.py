from typing import Any

import pytest

from marketplace.package.differences import Differences, changelog_between, differences
from marketplace.package.manifest_check import check_manifest
from marketplace.package.package import contract_of
from tests.support.packages import FIND_HOST, RUN_SCRIPT, manifest_of

CHANGES = """# Changes

## 2.0.0
- Third.

## [1.1.0] - 2026-01-01
- Second.

### Details
- More of it.

## v1.0.0
- First.
"""


def _between(old: dict[str, Any], new: dict[str, Any], changelog: str = "") -> Differences:
    before, after = check_manifest(old), check_manifest(new)
    return differences((before, contract_of(before, None, "")), (after, contract_of(after, None, "")), changelog)


def test_equal_versions_differ_in_nothing() -> None:
    found = _between(FIND_HOST, manifest_of(FIND_HOST, version="1.0.1"))
    assert (found.added, found.removed, found.components, found.changes, found.breaks) == ((), (), (), (), False)


def test_scopes_that_grow_and_shrink_are_told_with_their_reasons() -> None:
    grown = manifest_of(FIND_HOST, version="1.1.0")
    grown["scopes"] = [{"scope": "cmdb:write", "reason": {"en": "To move it.", "zh": "移动。"}}]
    found = _between(FIND_HOST, grown)
    assert [(need.scope, need.reason.en) for need in found.added] == [("cmdb:write", "To move it.")]
    assert found.removed == ("cmdb:read",)


def test_components_called_anew_are_told() -> None:
    changed = manifest_of(RUN_SCRIPT, version="1.1.0")
    changed["component"]["poll"]["call"]["component"] = "job.progress"
    assert _between(RUN_SCRIPT, changed).components == ("job.progress",)


def test_what_breaks_stands_before_what_does_not() -> None:
    changed = manifest_of(FIND_HOST, version="2.0.0")
    changed["inputs"]["properties"]["zone"] = {"type": "string"}
    changed["inputs"]["properties"]["biz"] = {"type": "string"}
    changed["inputs"]["required"] = ["ip", "zone"]
    changed["outputs"]["properties"] = {"host_id": {"type": "integer"}, "zone": {"type": "string"}}
    changed["component"]["outputs"] = {"host_id": "${response.data.info[0].bk_host_id}"}
    found = _between(FIND_HOST, changed)
    assert [(change.place, change.what.text) for change in found.changes] == [
        ("inputs.biz", "is of another type"),
        ("inputs.zone", "is new and required"),
        ("outputs.name", "is gone"),
        ("outputs.zone", "is new"),
    ]
    assert found.breaks


def test_a_form_with_fields_of_its_own_is_compared_too() -> None:
    old, new = manifest_of(FIND_HOST), manifest_of(FIND_HOST, version="1.1.0")
    properties = old["inputs"]["properties"]
    old["form"] = {"schema": {"type": "object", "properties": {"ip": properties["ip"]}}}
    new["form"] = {"schema": {"type": "object", "properties": {"biz": properties["biz"]}, "required": ["biz"]}}
    assert [(change.place, change.what.text) for change in _between(old, new).changes] == [
        ("form.biz", "is new and required"),
        ("form.ip", "is gone"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "kept", "left"),
    [
        ("1.0.0", "2.0.0", ["Third", "Second", "More of it"], ["First", "# Changes"]),
        ("1.0.0", "1.1.0", ["Second", "More of it"], ["Third", "First"]),
        ("0.9.0", "1.0.0", ["First"], ["Second"]),
        ("2.0.0", "3.0.0", [], ["Third"]),
    ],
)
def test_the_changelog_between_two_versions(before: str, after: str, kept: list[str], left: list[str]) -> None:
    found = changelog_between(CHANGES, before, after)
    assert all(text in found for text in kept)
    assert not any(text in found.split("\n## ")[0] + found for text in left)


def test_a_changelog_without_versions_is_shown_whole() -> None:
    assert changelog_between("Better now.\n", "1.0.0", "2.0.0") == "Better now.\n"
