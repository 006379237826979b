"""Django with `apigw-manager` publishes a gateway with its own commands: only the address template is ours."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.functional.blueking.conftest import Site
from tests.support.django_project import write_project

DEFINITION = """
spec_version: 2
release: {{version: 1.0.0, comment: "first"}}
apigateway:
  description: "{{{{ settings.BK_APIGW_NAME }}}} of a shop"
  is_public: true
  maintainers: [admin, nobody-here]
stages:
  - name: prod
    vars: {{area: eu}}
    backends:
      - name: default
        config: {{timeout: 60, loadbalance: roundrobin, hosts: [{{host: "{backend}", weight: 100}}]}}
    plugin_configs:
      - type: bk-header-rewrite
        yaml: "set: [{{key: x-area, value: eu}}]"
    mcp_servers:
      - name: shop-tools
        description: tools of the shop
        status: 1
        is_public: true
        resource_names: [get_item]
        protocol_type: streamable_http
grant_permissions:
  - {{bk_app_code: caller, grant_dimension: gateway}}
apply_permissions:
  - {{gateway_name: bk-demo, grant_dimension: gateway}}
related_apps: [caller]
resource_docs: {{basedir: apidocs/}}
"""

RESOURCES = """
swagger: "2.0"
info: {version: "1", title: Shop}
basePath: /
paths:
  /items/{id}/:
    get:
      operationId: get_item
      description: one item
      x-bk-apigateway-resource:
        isPublic: true
        allowApplyPermission: true
        backend: {name: default, method: get, path: "/v1/items/{id}/", timeout: 0}
        authConfig: {appVerifiedRequired: true, userVerifiedRequired: false, resourcePermissionRequired: true}
"""


@dataclass
class Project:
    """A Django project in a folder of its own, with a database of its own."""

    folder: Path
    environment: dict[str, str]
    output: str = ""

    def run(self, *words: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", *words],
            cwd=self.folder,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        told = done.stdout + done.stderr
        assert done.returncode == code, told
        return told

    def define(self, site: Site) -> None:
        (self.folder / "definition.yaml").write_text(DEFINITION.format(backend=f"{site.backend.url}/shop"))

    def publish(self) -> str:
        return self.run("publish.py")


@pytest.fixture(scope="module")
def project(running_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("shop")
    secret = running_site.api.post("/apps", {"app_code": "bk-shop", "name": "Shop"})["app_secret"]
    write_project(folder)
    (folder / "resources.yaml").write_text(RESOURCES)
    docs = folder / "apidocs/zh"
    docs.mkdir(parents=True)
    (docs / "get_item.md").write_text("# 商品\n")
    made = Project(
        folder,
        {
            "BK_APP_CODE": "bk-shop",
            "BK_APP_SECRET": secret,
            "BK_APIGW_NAME": "bk-shop",
            "BK_API_URL_TMPL": f"{running_site.url}/api/{{api_name}}/",
        },
    )
    made.run("manage.py", "migrate")
    made.define(running_site)
    made.output = made.publish()
    return made


def call(site: Site) -> httpx.Response:
    authorization = json.dumps({"bk_app_code": site.app_code, "bk_app_secret": site.app_secret})
    headers = {"X-Bkapi-Authorization": authorization}
    return httpx.get(f"{site.url}/api/bk-shop/prod/items/7/", headers=headers)


def test_every_command_says_that_it_succeeded(project: Project) -> None:
    told = project.output
    assert "API gateway basic synchronization completed" in told
    assert "API gateway stage synchronization completed" in told
    assert "Add related apps for gateway bk-shop: caller" in told
    assert "warning!!" not in told, told
    assert "resources synchronization completed, added 1, updated 0, deleted 0" in told
    assert "API gateway released 1.0.0, stages ['prod']" in told
    assert "name:shop-tools,action:create" in told
    assert "Granted gateway bk-shop permission for app code caller, dimension gateway" in told
    assert "Applied permissions for gateway bk-demo" in told


def test_what_was_published_is_served_and_governed(project: Project, site: Site) -> None:
    assert call(site).json() == {"from": "backend"}
    received = site.backend.received[0]
    assert (received.method, received.target) == ("GET", "/shop/v1/items/7/")


def test_the_document_stands_beside_the_component(project: Project, site: Site) -> None:
    drafted = site.api.get("/systems/bk-shop/draft/components/get_item")
    assert drafted["component"]["texts"]["zh"]["doc"] == "# 商品\n"


def test_the_system_belongs_to_the_apps_owner(project: Project, site: Site) -> None:
    system = site.api.get("/systems/bk-shop")
    assert (system["owner"], system["description"]) == ("admin", "bk-shop of a shop")


def test_the_projects_middleware_accepts_what_the_gateway_says_about_the_caller(project: Project, site: Site) -> None:
    tokens = []
    headers = {"X-Bkapi-Authorization": json.dumps({"bk_app_code": site.app_code, "bk_app_secret": site.app_secret})}
    for path in ("/api/bk-shop/prod/items/7/", "/api/c/compapi/v2/bk-shop/get_item/?id=7"):
        assert httpx.get(site.url + path, headers=headers).status_code == 200
        tokens.append(site.backend.received[-1].headers["x-bkapi-jwt"])
    forged = tokens[0][:-8] + "AAAAAAAA"
    told = [json.loads(line) for line in project.run("whoami.py", *tokens).splitlines() if line.startswith("{")]
    assert [(each["app"], each["app_verified"]) for each in told] == [("caller", True)] * 2
    assert "JWTTokenInvalid" in project.run("whoami.py", forged, code=1)


def test_a_project_that_keeps_the_next_key_of_the_esb_beside_the_old_one_notices_no_rotation(
    project: Project, site: Site
) -> None:
    headers = {"X-Bkapi-Authorization": json.dumps({"bk_app_code": site.app_code, "bk_app_secret": site.app_secret})}
    site.api.put("/systems/bk-shop/stages/prod/signing", {"profile": "jwt", "kid": "key"})

    def token() -> str:
        path = "/api/c/compapi/v2/bk-shop/get_item/?id=7"
        assert httpx.get(site.url + path, headers=headers).status_code == 200
        sent: str = site.backend.received[-1].headers["x-bkapi-jwt"]
        return sent

    before = token()
    moment = (datetime.now(UTC) + timedelta(seconds=5)).isoformat()
    key = site.api.post("/systems/apigw/keys:rotate", {"profile": "jwt", "signs_from": moment})["key"]["key_id"]
    project.run("manage.py", "fetch_apigw_public_key", "--api-name", key)
    deadline = time.monotonic() + 60
    while not site.api.get("/systems/apigw/keys")["items"][0]["signs"]:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    while (after := token()) == before:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    told = [json.loads(line) for line in project.run("whoami.py", before, after).splitlines() if line.startswith("{")]
    assert [(each["app"], each["app_verified"]) for each in told] == [("caller", True)] * 2
    site.api.put("/systems/bk-shop/stages/prod/signing", {"profile": "jwt"})


def test_publishing_the_same_again_changes_nothing(project: Project, site: Site) -> None:
    told = project.publish()
    assert "resource_version 1.0.0 already exists, skip creating" in told
    assert "added 0, updated 1, deleted 0" in told
    assert "name:shop-tools,action:update" in told
    assert [each["version"] for each in site.api.get("/systems/bk-shop/releases")["items"]] == ["1.0.0"]


def test_changed_resources_under_the_old_number_become_a_build_of_it(project: Project, site: Site) -> None:
    (project.folder / "resources.yaml").write_text(RESOURCES.replace("one item", "an item"))
    told = project.publish()
    assert "API gateway released 1.0.0+" in told
    assert call(site).status_code == 200


def test_an_app_that_is_not_related_is_refused_and_the_command_fails(project: Project, site: Site) -> None:
    secret = site.api.post("/apps", {"app_code": "stranger", "name": "Stranger"})["app_secret"]
    stranger = Project(project.folder, {**project.environment, "BK_APP_CODE": "stranger", "BK_APP_SECRET": secret})
    told = stranger.run("manage.py", "sync_apigw_config", "-f", "definition.yaml", code=1)
    assert "NO_PERMISSION" in told
    assert "not related" in told


def test_a_wrong_definition_is_refused_by_place(project: Project, site: Site) -> None:
    (project.folder / "wrong.yaml").write_text(
        "stages: [{name: prod, backends: [{name: default, config: {hosts: []}}]}]"
    )
    (project.folder / "wrong.yaml").write_text("spec_version: 2\n" + (project.folder / "wrong.yaml").read_text())
    told = project.run("manage.py", "sync_apigw_stage", "-f", "wrong.yaml", code=1)
    assert "INVALID_ARGUMENT" in told
    assert "backends/0/config/hosts" in told
    assert call(site).status_code == 200
