"""The first draft of a plugin that runs elsewhere: its manifest, and the document that registers it as a system."""

from typing import Any

import yaml

from marketplace.authoring.form_needs import with_form_needs
from marketplace.package.compatibility import published_as
from marketplace.package.limits import FORM_SCRIPT
from marketplace.package.manifest import CANCEL, DISPATCH, INVOKE, SCHEDULE
from marketplace.package.plugin_detail import PluginDetail

_README = """\
# {title}

{desc}

Runs at {url}, behind the gateway as the system `{system}`.
"""
_CHANGELOG = "# Changes\n\n## {version}\n\n- First version.\n"


def remote_draft(code: str, publisher: str, system: str, url: str, detail: PluginDetail) -> dict[str, bytes]:
    """The files of a new plugin, by their place in its folder."""
    title = code.replace("_", " ").capitalize()
    desc = detail.desc or title
    manifest: dict[str, Any] = {
        "code": code,
        "version": published_as(detail.version),
        "kind": "remote",
        "publisher": publisher,
        "name": {"en": title, "zh": title},
        "description": {"en": desc, "zh": desc},
        "tags": ["remote"],
        "inputs": detail.inputs.json_schema(),
        "outputs": detail.outputs.json_schema(),
        "scopes": [
            {"scope": f"{system}:run", "reason": {"en": "To run it and to follow its runs.", "zh": "执行并跟踪结果。"}}
        ],
        "remote": {
            "system": system,
            "version": detail.version,
            "context": detail.context_names(),
            "tells_end": detail.enable_plugin_callback,
            "data_api": True,
        }
        | ({"cancels": True} if detail.enable_cancel else {}),
    }
    form = detail.forms.renderform or ""
    texts = {"title": title, "desc": desc, "url": url, "system": system, "version": published_as(detail.version)}
    files = {
        "plugin.yaml": _yaml(with_form_needs(manifest, form)),
        "README.md": _README.format(**texts).encode(),
        "CHANGELOG.md": _CHANGELOG.format(**texts).encode(),
        "system.yaml": _yaml(system_document(system, title, url, cancels=detail.enable_cancel)),
    }
    if form:
        files[FORM_SCRIPT] = form.encode()
    return files


def system_document(system: str, title: str, url: str, *, cancels: bool = False) -> dict[str, Any]:
    """OpenAPI of what flows ask of a plugin (reference bk-plugin-protocol §1), and whether they may cancel its runs."""
    scope = [{"oauth2": [f"{system}:run"]}]
    answer = {"200": {"description": "The protocol's envelope", "content": {"application/json": {"schema": {}}}}}
    body = {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}

    def operation(name: str, summary: str, *, sends: bool = False, **more: Any) -> dict[str, Any]:
        shown = {"operationId": name, "summary": summary, "security": scope, "responses": answer, **more}
        return shown | {"requestBody": body} if sends else shown

    def part(name: str) -> dict[str, Any]:
        return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}

    paths = {
        "/bk_plugin/meta/": {"get": operation("meta", "What the plugin is")},
        "/bk_plugin/detail/{version}": {"get": operation("detail", "A version's inputs, outputs and form")
                                        | {"parameters": [part("version")]}},
        "/bk_plugin/invoke/{version}": {"post": operation(INVOKE, "Begin a run", sends=True)
                                        | {"parameters": [part("version")]}},
        "/bk_plugin/schedule/{trace_id}": {"get": operation(SCHEDULE, "How a run stands")
                                           | {"parameters": [part("trace_id")]}},
        "/bk_plugin/callback/{token}/": {"post": operation("callback", "Go on with a run that waits", sends=True)
                                         | {"parameters": [part("token")]}},
        "/bk_plugin/plugin_api_dispatch/": {"post": operation(DISPATCH, "Data for its form", sends=True)
                                             | {"x-trunkline-read": True}},
    }  # fmt: skip
    if cancels:
        cancel = operation(CANCEL, "End a run that is wanted no more", sends=True)
        paths["/bk_plugin/cancel/{trace_id}"] = {"post": cancel | {"parameters": [part("trace_id")]}}
    flows = {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": {f"{system}:run": f"Run {title}"}}}
    return {
        "openapi": "3.0.3",
        "info": {"title": title, "version": "1.0.0"},
        "servers": [{"url": url}],
        "components": {"securitySchemes": {"oauth2": {"type": "oauth2", "flows": flows}}},
        "paths": paths,
    }


def _yaml(document: dict[str, Any]) -> bytes:
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False).encode()
