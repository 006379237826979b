"""The second half of the demo: plugins, a published flow, and a task somebody launches who may do nothing else."""

import json
from pathlib import Path
from typing import Any

import adapters
from marketplace.authoring.folder import open_package
from trunkline.demo.api import Api, DemoFailed
from trunkline.demo.gateway_steps import Inventory, approve
from trunkline.demo.place import Place
from trunkline.demo.show import Show

PROJECT = "operations"
LAUNCHER, LAUNCHER_PASSWORD = "alice", "alice-may-launch"
_PLUGINS = ("cmdb/plugins/cmdb_find_host", "job/plugins/job_run_script", "notify/plugins/notify_send_mail")
_HERE = Path(__file__).parent
_LOW, _HIGH = 1, 100
_STOPPED = frozenset({"FINISHED", "FAILED", "REVOKED"})
_OVER = frozenset({"FINISHED", "FAILED", "SKIPPED", "NOT_TAKEN"})


async def install_plugins(api: Api, show: Show) -> None:
    show.step("Publish three plugins and install them into a project, consenting to their scopes")
    await api.post("/projects", {"code": PROJECT, "name": "Operations", "description": ""})
    folder = Path(adapters.__file__).parent
    for path in _PLUGINS:
        published = await api.upload("/plugins", open_package(folder / path).archive)
        code, version = published["code"], published["version"]
        scopes = [asked["scope"] for asked in published["scopes"]]
        body = {"plugin": code, "version": version, "consent_scopes": scopes}
        installed = await api.post(f"/projects/{PROJECT}/installs", body)
        show.good(f"{code} {version}, {published['digest'][:19]}…, consented: {', '.join(scopes)}")
        for grant in installed["grants"]:
            if grant["state"] == "applied":
                await approve(api, show, grant["id"])


async def publish_flow(api: Api, show: Show) -> str:
    show.step("Publish the flow “check disks” and let one person launch it")
    body = {"name": "Check disks", "description": "Mails the table of disks when one is too full"}
    flow = await api.post(f"/projects/{PROJECT}/flows", body)
    flow_id: str = flow["id"]
    draft = {"definition": _definition(), "draft_version": flow["draft_version"]}
    await api.put(f"/flows/{flow_id}/draft", draft)
    revision = await api.post(f"/flows/{flow_id}:publish", {"comment": "first"})
    show.good(f"revision {revision['number']}, needs {', '.join(sorted(revision['scopes']))}")
    user = {"username": LAUNCHER, "password": LAUNCHER_PASSWORD, "display_name": "Alice", "is_admin": False}
    await api.post("/users", user)
    await api.put(f"/flows/{flow_id}/launchers/{LAUNCHER}", {})
    show.good(f"{LAUNCHER} may launch it, and nothing else")
    return flow_id


async def launch(place: Place, show: Show, admin: Api, flow_id: str, inventory: Inventory) -> None:
    """Twice: once with a threshold that every disk is over, once with one that none is."""
    alice = await Api.sign_in(place.url, LAUNCHER, LAUNCHER_PASSWORD)
    try:
        show.step(f"{LAUNCHER} launches it with a threshold of {_LOW} %")
        task_id = await _run(show, alice, flow_id, inventory, _LOW)
        _show_mail(place, show)
        await _show_audit(show, admin, task_id)
        show.step(f"{LAUNCHER} launches it again, with a threshold of {_HIGH} %")
        await _run(show, alice, flow_id, inventory, _HIGH)
        if len(place.mailbox.messages) != 1:
            raise DemoFailed(f"{len(place.mailbox.messages)} mails were delivered where one was due")
        show.good("finished quietly: still one mail")
    finally:
        await alice.close()


async def _run(show: Show, alice: Api, flow_id: str, inventory: Inventory, threshold: int) -> str:
    inputs = {
        "bk_biz_id": inventory.biz_id,
        "host": inventory.ip,
        "threshold": threshold,
        "mail_to": "operators@example.com",
    }
    task = await alice.post(f"/flows/{flow_id}/tasks", {"inputs": inputs})
    task_id: str = task["id"]
    names = {node["id"]: node.get("name") or node["id"] for node in task["definition"]["nodes"]}
    state = await _follow(show, alice, task_id, names)
    if state != "FINISHED":
        raise DemoFailed(f"Task {task_id} ended as {state}")
    outputs = (await alice.get(f"/tasks/{task_id}"))["outputs"]
    show.good(f"task {task_id} finished, outputs {json.dumps(outputs)}")
    return task_id


async def _follow(show: Show, alice: Api, task_id: str, names: dict[str, str]) -> str:
    shown: set[str] = set()
    async for event, data in alice.events(f"/tasks/{task_id}/events"):
        nodes = [data] if event == "node" else sorted(data.get("nodes", {}).values(), key=_finished_at)
        for node in nodes:
            if node["state"] in _OVER and node["node_id"] not in shown:
                shown.add(node["node_id"])
                await _show_node(show, alice, task_id, node, names)
        if event == "task" and data["state"] in _STOPPED:
            state: str = data["state"]
            return state
    raise DemoFailed(f"The events of task {task_id} ended before the task did")


def _finished_at(node: dict[str, Any]) -> str:
    return node["finished_at"] or ""


async def _show_node(show: Show, alice: Api, task_id: str, node: dict[str, Any], names: dict[str, str]) -> None:
    name = names[node["node_id"]]
    if node["state"] == "NOT_TAKEN":
        return
    if node["state"] == "FAILED":
        show.refused(f"{name}: {node['error']}")
        return
    show.good(name)
    detail = await alice.get(f"/tasks/{task_id}/nodes/{node['node_id']}")
    for call in detail["runs"][-1]["calls"] if detail["runs"] else []:
        key = f", Idempotency-Key {call['idempotency_key']}" if call["idempotency_key"] else ""
        show.line(f"    {call['component']} → {call['status']}{key}")


def _show_mail(place: Place, show: Show) -> None:
    if not place.mailbox.messages:
        raise DemoFailed("No mail was delivered")
    message = place.mailbox.messages[-1]
    show.line("The mail the local SMTP server took:")
    show.block(f"To: {message['To']}\nSubject: {message['Subject']}")
    body = message.get_body(("plain", "html"))
    show.block(body.get_content() if body is not None else "")


async def _show_audit(show: Show, admin: Api, task_id: str) -> None:
    show.line("The audit trail of the task:")
    records = (await admin.get("/audit", task=task_id))["items"]
    rows = [
        [record["at"][11:19], record["actor"], record["on_behalf_of"] or "", record["action"], record["resource_id"]]
        for record in reversed(records)
    ]
    show.table(["at", "who", "for", "did", "what"], rows)


def _definition() -> dict[str, Any]:
    definition: dict[str, Any] = json.loads((_HERE / "check_disks.json").read_text(encoding="utf-8"))
    script = (_HERE / "check_disks.sh").read_text(encoding="utf-8")
    measure = next(node for node in definition["nodes"] if node["id"] == "measure")
    measure["inputs"]["script"] = script.replace("${", "$${")
    return definition
