"""A flow with an effect of every kind: scripts of a host, answered and called back, and a mail."""

from pathlib import Path
from typing import Any

PLUGINS = (
    "cmdb/plugins/cmdb_find_host",
    "job/plugins/job_run_script",
    "job/plugins/job_run_script_callback",
    "notify/plugins/notify_send_mail",
)
SCRIPTS = ("first", "beside", "called_back", "last")
CHANGING = (*SCRIPTS, "tell")
OUTPUTS = {"said": "called_back last"}


def definition(effects: Path) -> dict[str, Any]:
    """Every script appends its line to `effects`: the task's id and the node's."""

    def run(name: str, plugin: str, seconds: float) -> dict[str, Any]:
        inputs = {
            "bk_biz_id": "${inputs.bk_biz_id}",
            "host_ip": "${nodes.find.outputs.ip}",
            "script": _script(name, effects, seconds),
        }
        return {"id": name, "kind": "plugin", "plugin": plugin, "version": "1.1.0", "inputs": inputs}

    find = {"bk_biz_id": "${inputs.bk_biz_id}", "host": "${inputs.host}"}
    said = "${nodes.called_back.outputs.values.said} ${nodes.last.outputs.values.said}"
    mail = {"to": "operators@example.com", "title": "Task ${task.id}", "content": said, "body_format": "Text"}
    nodes: list[dict[str, Any]] = [
        {"id": "start", "kind": "start"},
        {"id": "find", "kind": "plugin", "plugin": "cmdb_find_host", "version": "1.0.0", "inputs": find},
        {"id": "fork", "kind": "parallel"},
        run("first", "job_run_script", 0),
        run("beside", "job_run_script", 0.4),
        run("called_back", "job_run_script_callback", 0.2),
        {"id": "meet", "kind": "join"},
        run("last", "job_run_script_callback", 0.1),
        {"id": "tell", "kind": "plugin", "plugin": "notify_send_mail", "version": "1.1.0", "inputs": mail},
        {"id": "end", "kind": "end"},
    ]
    ways = "start>find find>fork fork>first fork>beside fork>called_back first>meet beside>meet called_back>meet"
    edges = [
        {"id": way, "source": way.split(">", maxsplit=1)[0], "target": way.split(">")[1]}
        for way in f"{ways} meet>last last>tell tell>end".split()
    ]
    properties = {"bk_biz_id": {"type": "integer"}, "host": {"type": "string"}}
    form = {"schema": {"type": "object", "properties": properties, "required": list(properties)}, "uischema": None}
    return {"nodes": nodes, "edges": edges, "form": {**form, "i18n": {}}, "outputs": {"said": said}}


def _script(name: str, effects: Path, seconds: float) -> str:
    return f"sleep {seconds}; echo ${{task.id}} {name} >> {effects}; echo '<SOPS_VAR>said:{name}</SOPS_VAR>'"
