"""A project with plugins installed and grants approved, through the management API as people would do it."""

from pathlib import Path
from typing import Any

import httpx

import adapters
from marketplace.authoring.folder import open_package
from tests.support.server import Api

ADAPTERS = Path(adapters.__file__).parent


def create_project(api: Api, code: str, *plugins: str) -> None:
    """Plugins are named by their folder below `adapters`, e.g. `job/plugins/job_run_script`."""
    api.post("/projects", {"code": code, "name": code.title(), "description": ""})
    for plugin in plugins:
        install_plugin(api, code, ADAPTERS / plugin)


def install_plugin(api: Api, project: str, folder: Path) -> None:
    install_archive(api, project, open_package(folder).archive)


def install_archive(api: Api, project: str, archive: bytes) -> None:
    published = api.upload("/plugins", archive)
    consent = [asked["scope"] for asked in published["scopes"]]
    body = {"plugin": published["code"], "version": published["version"], "consent_scopes": consent}
    for grant in api.post(f"/projects/{project}/installs", body)["grants"]:
        if grant["state"] == "applied":
            api.post(f"/grants/{grant['id']}:approve", {"comment": ""})


def publish_flow(api: Api, project: str, name: str, definition: dict[str, Any]) -> str:
    """The id of a new flow with `definition` as its revision 1."""
    flow = api.post(f"/projects/{project}/flows", {"name": name, "description": ""})
    api.put(f"/flows/{flow['id']}/draft", {"definition": definition, "draft_version": flow["draft_version"]})
    assert api.post(f"/flows/{flow['id']}:publish", {"comment": "first"})["number"] == 1
    flow_id: str = flow["id"]
    return flow_id


def create_launcher(api: Api, flow_id: str, username: str, password: str) -> None:
    user = {"username": username, "password": password, "display_name": username.title(), "is_admin": False}
    api.post("/users", user)
    api.put(f"/flows/{flow_id}/launchers/{username}", {})


def create_member(api: Api, project: str, username: str, password: str, *roles: str) -> None:
    user = {"username": username, "password": password, "display_name": username.title(), "is_admin": False}
    api.post("/users", user)
    api.put(f"/projects/{project}/members/{username}", {"roles": list(roles)})


def register_this_machine(url: str, token: str) -> tuple[int, str]:
    """Makes a business and puts this machine into it; its id and the machine's address."""
    with httpx.Client(base_url=f"{url}/api/cmdb/prod", headers={"Authorization": f"Bearer {token}"}) as http:
        business = http.post("/create_business", json={"data": {"bk_biz_name": "Operations"}}).json()["data"]
        host = http.post("/add_local_host_to_business_idle", json={"bk_biz_id": business["bk_biz_id"]}).json()["data"]
    return business["bk_biz_id"], host["bk_host_innerip"]
