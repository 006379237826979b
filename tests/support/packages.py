"""Plugin packages for tests."""

import copy
from typing import Any

import yaml

from marketplace.package.archive import write_archive

FIND_HOST: dict[str, Any] = {
    "code": "find_host",
    "version": "1.0.0",
    "kind": "component",
    "publisher": "acme",
    "name": {"en": "Find host", "zh": "查找主机"},
    "description": {"en": "Finds a host by its address.", "zh": "按地址查找主机。"},
    "tags": ["cmdb"],
    "inputs": {
        "type": "object",
        "properties": {
            "ip": {"type": "string", "title": "Address", "format": "ipv4"},
            "biz": {"type": "integer", "default": 2},
            "note": {"type": "string"},
        },
        "required": ["ip"],
        "additionalProperties": False,
    },
    "outputs": {"type": "object", "properties": {"host_id": {"type": "integer"}, "name": {"type": "string"}}},
    "form": {
        "uischema": {"type": "VerticalLayout", "elements": [{"type": "Control", "scope": "#/properties/ip"}]},
        "i18n": {"zh": {"ip.label": "地址"}},
    },
    "scopes": [{"scope": "cmdb:read", "reason": {"en": "To look the host up.", "zh": "查询主机。"}}],
    "component": {
        "call": {
            "component": "cmdb.list_hosts",
            "path": {"biz": "${inputs.biz}"},
            "body": {"ip": "${inputs.ip}", "note": "${inputs.note}"},
        },
        "success": "response.result == true",
        "error": "${response.message}",
        "outputs": {"host_id": "${response.data.info[0].bk_host_id}"},
    },
}

RUN_SCRIPT: dict[str, Any] = {
    "code": "run_script",
    "version": "1.0.0",
    "kind": "component",
    "publisher": "acme",
    "name": {"en": "Run script", "zh": "执行脚本"},
    "description": {"en": "Runs a script.", "zh": "执行脚本。"},
    "tags": ["job", "script"],
    "inputs": {
        "type": "object",
        "properties": {"script": {"type": "string"}},
        "required": ["script"],
        "additionalProperties": False,
    },
    "outputs": {
        "type": "object",
        "properties": {"instance": {"type": "integer"}, "log": {"type": "string"}, "exit": {"type": "integer"}},
    },
    "scopes": [
        {"scope": "job:execute", "reason": {"en": "To run the script.", "zh": "执行脚本。"}},
        {"scope": "job:read", "reason": {"en": "To follow it.", "zh": "跟踪结果。"}},
    ],
    "component": {
        "call": {"component": "job.execute", "body": {"script": "${inputs.script}", "back": "${call.callback_url}"}},
        "success": "response.result",
        "error": "${response.message}",
        "outputs": {"instance": "${response.data.id}"},
        "poll": {
            "call": {"component": "job.status", "query": {"id": "${storage.id}"}},
            "store": {"id": "${response.data.id}"},
            "interval_seconds": 1,
            "done": "response.data.finished",
            "success": "response.data.status == 3",
            "error": "the script ended with status ${response.data.status}",
            "outputs": {"exit": "${response.data.exit}"},
            "then": [
                {
                    "call": {"component": "job.log", "query": {"id": "${storage.id}"}},
                    "outputs": {"log": "${response.data.log}"},
                }
            ],
        },
        "callback": {
            "store": {"id": "${response.data.id}"},
            "done": "callback.status != 2",
            "success": "callback.status == 3",
            "error": "the script ended with status ${callback.status}",
            "late_poll_seconds": 20,
            "then": [
                {
                    "call": {"component": "job.log", "query": {"id": "${storage.id}"}},
                    "outputs": {"log": "${response.data.log}"},
                }
            ],
        },
    },
}

RENEW: dict[str, Any] = {
    "code": "renew",
    "version": "1.0.0",
    "kind": "component",
    "publisher": "acme",
    "name": {"en": "Renew", "zh": "更新"},
    "description": {"en": "Moves a host, runs a script on it and moves it back.", "zh": "转移主机后执行脚本。"},
    "inputs": {
        "type": "object",
        "properties": {"host": {"type": "integer"}, "script": {"type": "string"}},
        "required": ["host"],
        "additionalProperties": False,
    },
    "outputs": {"type": "object", "properties": {"was": {"type": "string"}, "exit": {"type": "integer"}}},
    "scopes": [
        {"scope": scope, "reason": {"en": "For a step.", "zh": "步骤需要。"}}
        for scope in ("cmdb:write", "job:execute", "job:read")
    ],
    "component": {
        "steps": [
            {
                "name": "out",
                "call": {"component": "cmdb.move_host", "body": {"host": "${inputs.host}", "to": "spare"}},
                "success": "response.result",
                "error": "${response.message}",
                "store": {"was": "${response.data.was}"},
                "outputs": {"was": "${response.data.was}"},
            },
            {
                "name": "script",
                "when": "has(inputs.script)",
                "call": {"component": "job.execute", "body": {"script": "${inputs.script}"}},
                "success": "response.result",
                "poll": {
                    "call": {"component": "job.status", "query": {"id": "${storage.id}"}},
                    "store": {"id": "${response.data.id}"},
                    "interval_seconds": 1,
                    "done": "response.data.finished",
                    "success": "response.data.exit == 0",
                    "error": "it exited with ${response.data.exit}",
                    "outputs": {"exit": "${response.data.exit}"},
                },
            },
            {
                "name": "back",
                "call": {"component": "cmdb.move_host", "body": {"host": "${inputs.host}", "to": "${storage.was}"}},
                "success": "response.result",
            },
        ]
    },
}


def manifest_of(base: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """A copy with some fields replaced."""
    return {**copy.deepcopy(base), **changed}


def files_of(manifest: dict[str, Any]) -> dict[str, bytes]:
    return {
        "plugin.yaml": yaml.safe_dump(manifest, allow_unicode=True, sort_keys=False).encode(),
        "README.md": b"# A plugin\n",
        "CHANGELOG.md": b"## 1.0.0\n- First.\n",
    }


def archive_of(manifest: dict[str, Any]) -> bytes:
    return write_archive(files_of(manifest))
