import json
from typing import Any

import pytest
import yaml

from marketplace.package.errors import PackageRefused
from marketplace.package.package import Package, pack

NODE = {"id": "look", "kind": "plugin", "plugin": "find_host", "version": "1.2.0"}
INNER: dict[str, Any] = {"name": "Inner", "description": "", "definition": {"nodes": [], "edges": []}}
CONTENT: dict[str, Any] = {
    "format": "trunkline-flow-package/1",
    "definition": {"nodes": [NODE, {"id": "in", "kind": "subflow", "flow": "flow-1"}], "edges": []},
    "flows": {"flow-1": INNER},
}
MANIFEST: dict[str, Any] = {
    "code": "check_disks", "version": "1.0.0", "kind": "flow", "publisher": "acme",
    "name": {"en": "Check disks", "zh": "检查磁盘"}, "description": {"en": "Checks.", "zh": "检查。"},
    "inputs": {"type": "object", "properties": {"ip": {"type": "string"}}},
    "outputs": {"type": "object", "properties": {}},
    "flow": {"plugins": [{"code": "find_host", "versions": ">=1.0.0 <2.0.0"}], "secrets": ["vault-pin"]},
}  # fmt: skip


def packed(content: Any = CONTENT, **manifest: Any) -> Package:
    files = {"README.md": b"Checks disks.", "CHANGELOG.md": b"First version."}
    files["plugin.yaml"] = yaml.safe_dump({**MANIFEST, **manifest}, allow_unicode=True).encode()
    if content is not None:
        files["flow.json"] = content if isinstance(content, bytes) else json.dumps(content).encode()
    return pack(files)


def test_a_flow_is_a_package_with_its_content_and_no_calls() -> None:
    package = packed()
    assert package.flow == CONTENT
    assert (package.manifest.components(), package.manifest.scope_names()) == ([], frozenset())


@pytest.mark.parametrize(
    ("content", "manifest", "names"),
    [
        (None, {}, "flow.json"),
        (b"{", {}, "flow.json"),
        ({**CONTENT, "format": "other"}, {}, "flow.json"),
        ({**CONTENT, "more": 1}, {}, "flow.json: more"),
        ({**CONTENT, "flows": {}}, {}, "flow.json: in"),
        ({**CONTENT, "flows": {"flow-1": {"definition": {"nodes": []}}}}, {}, "flow.json: flows.flow-1"),
        ({**CONTENT, "definition": {"nodes": [1]}}, {}, "flow.json: definition"),
        ({**CONTENT, "definition": {"nodes": [{**NODE, "id": "\0"}]}}, {}, "flow.json"),
        ({**CONTENT, "definition": {"nodes": [{"id": "in", "kind": "map", "flow": []}]}}, {}, "flow.json: in"),
        ({**CONTENT, "flows": {"flow-1": {**INNER, "name": " "}}}, {}, "flow.json: flows.flow-1"),
        ({**CONTENT, "flows": {"flow-1": {**INNER, "name": "\u202egpj"}}}, {}, "flow.json: flows.flow-1"),
        (CONTENT, {"flow": {}}, "flow.plugins"),
        (CONTENT, {"flow": {"plugins": [{"code": "find_host", "versions": "<1.2.0"}]}}, "flow.plugins"),
        (CONTENT, {"flow": {"plugins": [{"code": "find_host", "versions": "1.x"}]}}, "flow.plugins[0].versions"),
        (CONTENT, {"flow": None}, "flow"),
        (CONTENT, {"kind": "component", "flow": None}, "component"),
    ],
)
def test_what_is_wrong_with_a_flow_is_named_by_its_place(content: Any, manifest: dict[str, Any], names: str) -> None:
    with pytest.raises(PackageRefused) as refused:
        packed(content, **manifest)
    assert names in [field.field for field in refused.value.fields]
