"""BlueKing's resources.yaml and definition.yaml, and Swagger 2, read without a template engine."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.registry.component_checks import component_problems, set_problems
from gateway.registry.component_definition import ComponentDefinition
from gateway.registry.importers.blueking_definition import GatewayDefinition, read_definition
from gateway.registry.importers.openapi import import_openapi
from gateway.registry.importers.templates import read_template
from gateway.snapshot.model.upstreams import compile_upstream
from kernel.yaml_text import Unreadable, read_yaml
from tests.support.management import Management

RESOURCES = """
swagger: '2.0'
basePath: /
info: {version: '0.1', title: API Gateway Resources}
schemes: [http]
definitions:
  Host:
    type: object
    required: [ip]
    properties: {ip: {type: string}, size: {type: integer, minimum: 0, exclusiveMinimum: true}}
securityDefinitions: {o: {type: oauth2}, k: {type: apiKey}}
paths:
  /hosts/{host_id}/:
    get:
      operationId: get_host
      description: 查询主机
      tags: [host, query]
      parameters:
        - {name: host_id, in: path, required: true, type: integer}
        - {name: fields, in: query, type: array, items: {type: string}, collectionFormat: csv}
      responses: {'200': {description: ok, schema: {$ref: '#/definitions/Host'}}}
      x-bk-apigateway-resource:
        isPublic: false
        allowApplyPermission: false
        matchSubpath: true
        enableWebsocket: true
        noneSchema: true
        backend:
          {name: Second, type: HTTP, method: post, path: '/{env.base}/host/{host_id}/', matchSubpath: true, timeout: 12}
        pluginConfigs:
          - type: bk-rate-limit
            yaml: "rates: {__default: [{period: 60, tokens: 100}]}"
          - type: bk-mock
            yaml: "response_status: 202\\nresponse_example: hi\\nresponse_headers: [{key: X-A, value: b}]"
          - type: bk-traffic-label
            yaml: "rules: []"
        authConfig: {appVerifiedRequired: true, userVerifiedRequired: true, resourcePermissionRequired: false}
        descriptionEn: Get a host
  /hosts/:
    x-bk-apigateway-method-any:
      operationId: any_host
      security: [{k: []}, {o: [all]}]
      parameters: [{name: body, in: body, schema: {$ref: '#/definitions/Host'}}]
      x-bk-apigateway-resource:
        backend: {name: default, method: any, path: /hosts/, timeout: 0}
"""


def components(text: str) -> dict[str, ComponentDefinition]:
    found = import_openapi(read_yaml(text), "cmdb")
    assert found.problems == ()
    assert set_problems(found.components) == []
    for each in found.components:
        assert component_problems(each, "cmdb") == []
    return {each.name: each for each in found.components}


def test_resources_become_components_with_all_they_say() -> None:
    host = components(RESOURCES)["get_host"]
    assert (host.method, host.path, host.upstream_method) == ("GET", "/hosts/{host_id}/", "POST")
    assert (host.upstream, host.upstream_path, host.timeout) == ("second", "/{env.base}/host/{host_id}/", 12.0)
    assert (host.match_subpath, host.enable_websocket, host.is_public, host.allow_apply) == (True, True, False, False)
    assert (host.app_required, host.user_required, host.grant_required) == (True, True, False)
    assert (host.description, host.texts) == ("查询主机", {"en": {"description": "Get a host"}})
    assert host.labels == ("host", "query")
    assert host.mock == {"status": 202, "body": "hi", "headers": {"x-a": "b"}}
    assert [policy["kind"] for policy in host.policies] == ["rate-limit"]
    schemas = {each.name: each.schema for each in host.parameters}
    assert schemas == {"host_id": {"type": "integer"}, "fields": {"type": "array", "items": {"type": "string"}}}
    assert host.response_schema is not None
    assert host.response_schema["$ref"] == "#/$defs/Host"
    found = import_openapi(read_yaml(RESOURCES), "cmdb")
    (note,) = found.notes
    assert note.field == "/paths/~1hosts~1{host_id}~1/get/x-bk-apigateway-resource/pluginConfigs/2"
    assert {"policies", "upstream_path", "labels"} <= found.stated


def test_any_method_and_the_body_of_swagger() -> None:
    found = components(RESOURCES)["any_host"]
    assert (found.method, found.upstream_method, found.upstream_path, found.timeout) == ("ANY", None, None, None)
    assert found.scopes == ("cmdb:all",)
    assert found.parameters == ()
    assert found.body_schema is not None
    assert found.body_schema["$defs"]["Host"]["properties"]["size"] == {"type": "integer", "exclusiveMinimum": 0}


def changed(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    document: Any = read_yaml(RESOURCES)
    place = document["paths"]["/hosts/{host_id}/"]["get"]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    whole: dict[str, Any] = document
    return whole


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("x-bk-apigateway-resource",), 1),
        (("x-bk-apigateway-resource", "isPublic"), "yes"),
        (("x-bk-apigateway-resource", "authConfig"), []),
        (("x-bk-apigateway-resource", "authConfig", "appVerifiedRequired"), 1),
        (("x-bk-apigateway-resource", "backend"), "x"),
        (("x-bk-apigateway-resource", "backend", "type"), "GRPC"),
        (("x-bk-apigateway-resource", "backend", "name"), "a b"),
        (("x-bk-apigateway-resource", "backend", "method"), "steal"),
        (("x-bk-apigateway-resource", "backend", "path"), "/a/../b"),
        (("x-bk-apigateway-resource", "backend", "matchSubpath"), False),
        (("x-bk-apigateway-resource", "backend", "timeout"), -1),
        (("x-bk-apigateway-resource", "pluginConfigs"), {}),
        (("x-bk-apigateway-resource", "pluginConfigs"), [{"yaml": ""}]),
        (("parameters", 1, "$ref"), "other.yaml#/x"),
        (("responses", "200", "schema"), {"type": "strin"}),
        (("security",), [{"nowhere": []}]),
    ],
)
def test_what_is_wrong_is_named_by_its_place(path: tuple[Any, ...], value: Any) -> None:
    found = import_openapi(changed(path, value), "cmdb")
    at = "/".join(str(step).replace("/", "~1") for step in path)
    assert found.problems[0].field.startswith(f"/paths/~1hosts~1{{host_id}}~1/get/{at}")


def test_plugins_that_cannot_be_read_are_problems() -> None:
    broken = [{"type": "bk-rate-limit", "yaml": "rates: {__default: [{period: 7, tokens: 1}]}"}]
    found = import_openapi(changed(("x-bk-apigateway-resource", "pluginConfigs"), broken), "cmdb")
    assert found.problems[0].field.endswith("/pluginConfigs/0/yaml")


DEFINITION = """
spec_version: 2
release: {version: 1.2.0, comment: first}
apigateway:
  description: 主机
  description_en: Hosts
  is_public: true
  maintainers: ["{{ settings.MAINTAINER }}"]
stages:
  - name: prod
    description: 正式
    vars: {base: v2, limit: 7}
    backends:
      - name: default
        config: {timeout: 60, loadbalance: roundrobin, hosts: [{host: "{{ settings.HOST }}", weight: 100}]}
      - name: second
        config: {hosts: [{host: http://b.example/, weight: 1}, {host: http://c.example}], loadbalance: least_conn}
    plugin_configs:
      - {type: bk-rate-limit, yaml: "rates: {__default: [{period: 60, tokens: 100}]}"}
    mcp_servers: [{name: m1}]
  - name: {{ environ.OTHER }}
    proxy_http: {timeout: 30, upstreams: {loadbalance: roundrobin, hosts: [{host: http://d.example, weight: 5}]}}
grant_permissions:
  - {bk_app_code: shop, grant_dimension: gateway}
  - {bk_app_code: report, grant_dimension: resource, resource_names: [get_host]}
related_apps: [shop]
resource_docs: {basedir: apidocs/}
"""
VARIABLES = {"settings.MAINTAINER": "ann", "settings.HOST": "http://a.example", "environ.OTHER": "test"}


def definition(text: str = DEFINITION, **more: str) -> GatewayDefinition:
    return read_definition(read_template(text, VARIABLES | more))


def test_a_definition_says_stages_upstreams_policies_and_grants() -> None:
    found = definition()
    assert found.problems == ()
    assert (found.version, found.comment, found.description_en, found.maintainers) == (
        "1.2.0",
        "first",
        "Hosts",
        ("ann",),
    )
    prod, test = found.stages
    assert (prod.name, prod.variables, test.name) == ("prod", {"base": "v2", "limit": "7"}, "test")
    assert prod.upstreams["default"] == {
        "targets": [{"url": "http://a.example", "weight": 100}],
        "balance": "round-robin",
        "timeout": 60.0,
    }
    assert [target["url"] for target in prod.upstreams["second"]["targets"]] == ["http://b.example", "http://c.example"]
    assert test.upstreams["default"]["timeout"] == 30.0
    for stage in found.stages:
        for name, upstream in stage.upstreams.items():
            compile_upstream(name, upstream, lambda _sealed: b"")
    assert [policy["kind"] for policy in prod.policies] == ["rate-limit"]
    assert [(grant.app_code, grant.components) for grant in found.grants] == [("shop", None), ("report", ("get_host",))]
    assert [note.field for note in found.notes] == ["/stages/0/mcp_servers"]


def test_a_value_cannot_become_structure() -> None:
    hostile = 'x", evil: [1], y: "z\n- name: evil'
    found = definition(**{"settings.MAINTAINER": hostile})
    assert found.maintainers == (hostile,)
    assert len(found.stages) == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: {{ settings.UNKNOWN }}", "settings.UNKNOWN"),
        ("{% if x %}a: 1{% endif %}", "render it first"),
        ("a: {{ settings.HOST|upper }}", "render it first"),
        ("a: {{ 1 + 1 }}", "render it first"),
        ("a: [", "line"),
        ("a: !!python/object/apply:os.system ['true']", "YAML"),
        ("\x00", "YAML"),
    ],
)
def test_nothing_of_a_template_is_executed(text: str, told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        read_template(text, VARIABLES)


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ([], "/"),
        ({"stages": {}}, "/stages"),
        ({"stages": [{"name": "no name"}]}, "/stages/0/name"),
        ({"stages": [{"name": "a"}, {"name": "a"}]}, "/stages/1/name"),
        ({"stages": [{"name": "a", "vars": {"x": []}}]}, "/stages/0/vars/x"),
        ({"stages": [{"name": "a", "backends": [{"name": "b", "config": {}}]}]}, "/stages/0/backends/0/config/hosts"),
        (
            {"stages": [{"name": "a", "backends": [{"config": {"hosts": [{"host": "ftp://x"}]}}]}]},
            "/stages/0/backends/0/config/hosts/0/host",
        ),
        (
            {
                "stages": [
                    {"name": "a", "backends": [{"config": {"hosts": [{"host": "http://x"}], "loadbalance": "best"}}]}
                ]
            },
            "/stages/0/backends/0/config/loadbalance",
        ),
        ({"stages": [{"name": "a", "plugin_configs": 1}]}, "/stages/0/plugin_configs"),
        ({"grant_permissions": [{"bk_app_code": "UP"}]}, "/grant_permissions/0/bk_app_code"),
        ({"related_apps": ["a b"]}, "/related_apps/0"),
        ({"apigateway": 1}, "/apigateway"),
    ],
)
def test_a_wrong_definition_is_named_by_its_place(document: Any, field: str) -> None:
    assert field in [problem.field for problem in read_definition(document).problems]


def test_a_short_text_cannot_unfold_into_a_long_one() -> None:
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert read_definition(read_yaml(bomb)).problems
    assert import_openapi(read_yaml(f"openapi: 3.1.0\n{bomb}"), "cmdb").problems
    assert read_definition(read_yaml("a: &a [*a]")).problems


@pytest.mark.parametrize(
    "text",
    ["a: '{{ settings.HOST }}'\nb: &b [*b]", '{"a": "{{ settings.HOST }}", "b": ' + "[" * 900 + "]" * 900 + "}"],
)
def test_a_template_that_never_ends_is_refused(text: str) -> None:
    with pytest.raises(Unreadable, match="nested deeper"):
        read_template(text, VARIABLES)


def test_filling_in_a_value_unfolds_nothing() -> None:
    shared = "a: &a ['{{ settings.HOST }}', x, x]\n" + "".join(
        f"{new}: &{new} [{','.join([f'*{old}'] * 3)}]\n" for old, new in zip("abcdef", "bcdefg", strict=True)
    )
    filled = read_template(shared, VARIABLES)
    assert filled["a"][0] == VARIABLES["settings.HOST"]
    assert filled["b"][0] is filled["b"][2] is filled["a"]
    with pytest.raises(Unreadable, match="longer than"):
        read_template("a: '{{ settings.LONG }}{{ settings.LONG }}'", {"settings.LONG": "x" * 6 * 1024 * 1024})


def test_names_are_text_as_they_were_written() -> None:
    assert read_yaml("{200: ok, on: yes, 1.10: a, ~: b, 'x': c}") == {
        "200": "ok",
        "on": True,
        "1.10": "a",
        "~": "b",
        "x": "c",
    }
    found = components(RESOURCES.replace("{'200': {description: ok, schema", "{200: {description: ok, schema"))
    assert found["get_host"].response_schema == components(RESOURCES)["get_host"].response_schema is not None


async def test_a_gateways_files_become_a_document_that_can_be_applied(management: Management) -> None:
    url = "http://127.0.0.1:9099"
    text = DEFINITION
    for host in ("http://b.example/", "http://c.example", "http://d.example"):
        text = text.replace(host, f"{url}")
    text = text.replace(f"{{host: {url}, weight: 1}}, ", "")
    files = {
        "name": "hosts",
        "definition": text,
        "resources": RESOURCES.replace("matchSubpath: true", "matchSubpath: false"),
        "variables": VARIABLES | {"settings.HOST": url},
        "docs": {"zh": {"get_host": "# 查询"}},
    }
    # The second stage has no upstream `second`: it may not serve what goes there.
    refused_or_read = await management.client.post("/v1/systems:from-blueking", json=files)
    assert refused_or_read.status_code == 200, refused_or_read.text
    read = refused_or_read.json()
    assert [grant["app_code"] for grant in read["grants"]] == ["shop", "report"]
    assert "definition/stages/0/mcp_servers" in [note["field"] for note in read["notes"]]
    document = read["document"]
    document["stages"][1]["upstreams"]["second"] = document["stages"][0]["upstreams"]["second"]
    document["stages"][1]["variables"] = document["stages"][0]["variables"]
    applied = await management.client.post("/v1/systems/hosts:apply", json=document)
    assert applied.status_code == 200, applied.text
    prod = management.holder.current.systems["hosts"].stages["prod"]
    assert (prod.settings.release, prod.settings.signing.profile) == ("1.2.0", "jwt")
    assert prod.components["get_host"].upstream_path == "/v2/host/{host_id}/"
    again = (await management.client.post("/v1/systems/hosts:plan", json=document)).json()
    assert again["changes"] == []
    broken = await management.client.post("/v1/systems:from-blueking", json=files | {"definition": "stages: {}"})
    assert (broken.status_code, broken.json()["errors"][0]["field"]) == (422, "definition/stages")


@given(st.text(max_size=200))
def test_any_text_is_a_document_or_unreadable(text: str) -> None:
    try:
        document = read_template(text, {})
    except Unreadable:
        return
    read_definition(document)
    import_openapi(document, "cmdb")
