"""Manifests that are wrong in one place each, with the field a refusal has to name."""

import copy
from typing import Any

from tests.support.packages import FIND_HOST, RUN_SCRIPT

GONE = object()


def _wrong(base: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    made = copy.deepcopy(base)
    *way, last = path.split("/")
    current: Any = made
    for step in way:
        current = current[int(step)] if isinstance(current, list) else current[step]
    if value is GONE:
        del current[last]
    elif isinstance(current, list):
        current[int(last)] = value
    else:
        current[last] = value
    return made


_FIND: list[tuple[str, Any, str]] = [
    ("code", GONE, "code"),
    ("code", "Find-Host", "code"),
    ("code", 7, "code"),
    ("code", "x" * 65, "code"),
    ("version", GONE, "version"),
    ("version", "1.0", "version"),
    ("version", 1.0, "version"),
    ("version", "1.0.0+build", "version"),
    ("version", "v1.0.0", "version"),
    ("kind", "magic", "kind"),
    ("publisher", "Acme Inc", "publisher"),
    ("name", "Find host", "name"),
    ("name/zh", GONE, "name.zh"),
    ("name/en", "", "name.en"),
    ("description/zh", 5, "description.zh"),
    ("tags", "cmdb", "tags"),
    ("tags", ["a b"], "tags[0]"),
    ("tags", ["a", "a"], "tags[1]"),
    ("tags", [f"t{n}" for n in range(11)], "tags"),
    ("inputs", GONE, "inputs"),
    ("inputs", [], "inputs"),
    ("inputs", {"type": "array"}, "inputs.type"),
    ("inputs/properties/ip/type", "strin", "inputs.properties.ip.type"),
    ("inputs/properties/ip/pattern", "(?=a)", "inputs.properties.ip.pattern"),
    ("inputs/properties/note/$ref", "https://example.com/x", "inputs.properties.note.$ref"),
    ("inputs/properties/note/$ref", "#/$defs/none", "inputs.properties.note.$ref"),
    ("outputs", {"type": "object", "required": "x"}, "outputs.required"),
    ("form/uischema/elements/0/scope", "#/properties/nope", "form.uischema.elements[0].scope"),
    ("form/uischema/elements/0/type", "Blink", "form.uischema.elements[0].type"),
    ("form/js", "alert(1)", "form.js"),
    ("form/i18n/zh/ip.label", 1, "form.i18n.zh['ip.label']"),
    ("scopes", {"cmdb:read": "why"}, "scopes"),
    ("scopes/0/scope", "everything", "scopes[0].scope"),
    ("scopes/0/reason", GONE, "scopes[0].reason"),
    ("scopes/0/reason", {"en": "Only English."}, "scopes[0].reason.zh"),
    ("component", GONE, "component"),
    ("component/call", GONE, "component.call"),
    ("component/call/component", "cmdb", "component.call.component"),
    ("component/call/body", "${inputs.ip}", "component.call.body"),
    ("component/call/body/ip", "${inputs.ip", "component.call.body.ip"),
    ("component/call/body/ip", "${inputs.adress}", "component.call.body.ip"),
    ("component/call/body/ip", "${secrets.key}", "component.call.body.ip"),
    ("component/call/body/ip", "${response.data}", "component.call.body.ip"),
    ("component/call/body/ip", ["${inputs.ip}", {"x": "${}"}], "component.call.body.ip[1].x"),
    ("component/call/body/ip", "${call.callback_url}", "component.call"),
    ("component/call/header", {}, "component.call.header"),
    ("component/success", "response.result ==", "component.success"),
    ("component/success", "", "component.success"),
    ("component/success", "outputs.x == 1", "component.success"),
    ("component/success", "response.result && inputs.nope", "component.success"),
    ("component/error", "${response.message", "component.error"),
    ("component/outputs/owner", "${response.data.owner}", "component.outputs.owner"),
    ("component/outputs/host_id", "${response[}", "component.outputs.host_id"),
    ("component/poll", {"call": {"component": "cmdb.x"}}, "component.poll.done"),
    ("inputs/properties/note", {"type": "integer", "writeOnly": True}, "inputs.properties.note.type"),
    ("inputs/properties/note", {"writeOnly": True}, "inputs.properties.note.type"),
    ("inputs/properties/note", {"type": "string", "writeOnly": True, "default": "x"}, "inputs.properties.note.default"),
    ("inputs/properties/note", {"type": "string", "writeOnly": True, "enum": ["x"]}, "inputs.properties.note.enum"),
    (
        "inputs/properties/note",
        {"type": "array", "items": {"type": "string", "writeOnly": True}},
        "inputs.properties.note.items.writeOnly",
    ),
    ("inputs/writeOnly", True, "inputs.writeOnly"),
    ("components", {}, "components"),
    ("hooks", {"install": "rm -rf /"}, "hooks"),
    ("component/cancel", {"call": {"component": "cmdb.stop"}}, "component.cancel"),
]
_RUN: list[tuple[str, Any, str]] = [
    ("component/poll/interval_seconds", 0, "component.poll.interval_seconds"),
    ("component/poll/interval_seconds", "1s", "component.poll.interval_seconds"),
    ("component/poll/done", "response.data.finished(", "component.poll.done"),
    ("component/poll/done", "callback.status == 3", "component.poll.done"),
    ("component/poll/call/query/id", "${storage.instance}", "component.poll.call.query.id"),
    ("component/poll/store/id", "${storage.id}", "component.poll.store.id"),
    ("component/poll/then/0/call/query/id", "${x}", "component.poll.then[0].call.query.id"),
    ("component/poll/then/0/outputs/nope", 1, "component.poll.then[0].outputs.nope"),
    ("component/callback/done", "response.status == 1", "component.callback.done"),
    ("component/call/body/back", "none", "component.callback"),
    ("component/cancel", {"call": {"component": "job.stop"}, "done": "true"}, "component.cancel.done"),
    (
        "component/cancel",
        {"call": {"component": "job.stop", "body": {"id": "${storage.x}"}}},
        "component.cancel.call.body.id",
    ),
    ("component/cancel", {"call": {"component": "job.stop"}, "success": "callback.done"}, "component.cancel.success"),
]

MALFORMED: dict[str, tuple[dict[str, Any], str]] = {
    f"{path} = {'gone' if value is GONE else repr(value)[:40]}": (_wrong(base, path, value), field)
    for base, cases in ((FIND_HOST, _FIND), (RUN_SCRIPT, _RUN))
    for path, value, field in cases
}
