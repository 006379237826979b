"""A pasted curl line becomes a component; nothing is run, read from a file, or kept of a credential."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.registry.component_checks import component_problems
from gateway.registry.component_definition import ComponentDefinition
from gateway.registry.importers.curl import CurlImport, import_curl


def component(command: str) -> ComponentDefinition:
    found = import_curl(command, "cmdb")
    assert found.problems == ()
    assert found.component is not None
    assert component_problems(found.component, "cmdb") == []
    return found.component


def told(found: CurlImport) -> str:
    return "\n".join(note.problem for note in found.notes)


def test_a_post_with_json_becomes_a_component_with_a_schema() -> None:
    command = """curl -sS -X POST 'https://api.example.com/v2/hosts/42/disks?dry=1&page=2' \\
      -H 'Content-Type: application/json' -H 'X-Kind: ssd' \\
      -d '{"size": 10, "tags": ["a"], "on": true, "ratio": 1.5, "owner": null}' -m 20"""
    found = component(command)
    assert (found.method, found.path, found.name) == (
        "POST",
        "/v2/hosts/{host_id}/disks",
        "post_v2_hosts_by_host_id_disks",
    )
    assert [(each.location, each.name) for each in found.parameters] == [
        ("path", "host_id"),
        ("query", "dry"),
        ("query", "page"),
        ("header", "x-kind"),
    ]
    assert found.body_schema == {
        "type": "object",
        "properties": {
            "size": {"type": "integer"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "on": {"type": "boolean"},
            "ratio": {"type": "number"},
            "owner": {},
        },
    }
    assert (found.scopes, found.timeout, found.is_read) == (("cmdb:write",), 20.0, False)
    assert import_curl(command, "cmdb").base_url == "https://api.example.com"


@pytest.mark.parametrize(
    ("command", "method", "path", "query"),
    [
        ("curl example.com", "GET", "/", []),
        ("curl --url http://e.example/a/", "GET", "/a/", []),
        ("curl -XDELETE http://e.example/a", "DELETE", "/a", []),
        ("curl -I http://e.example/a", "HEAD", "/a", []),
        ("curl -G -d a=1 --data-urlencode 'b=x y' http://e.example/a?c=3", "GET", "/a", ["c", "a", "b"]),
        ("curl --json '{}' http://e.example/a", "POST", "/a", []),
        ("curl --request=PUT http://e.example/a -F name=x", "PUT", "/a", []),
        ("curl http://e.example/x/0c3f1c9e-64a9-4b3e-9a53-0a1c6a3a9d11", "GET", "/x/{x_id}", []),
        ("curl http://e.example/%E4%B8%BB%E6%9C%BA/7", "GET", "/%E4%B8%BB%E6%9C%BA/{id}", []),
        ("curl http://e.example/%E4%B8%BB-hosts/7", "GET", "/%E4%B8%BB-hosts/{host_id}", []),
        ("curl http://e.example/7/8", "GET", "/{id}/{id_}", []),
    ],
)
def test_what_curl_would_do(command: str, method: str, path: str, query: list[str]) -> None:
    found = component(command)
    assert (found.method, found.path) == (method, path)
    assert [each.name for each in found.parameters if each.location == "query"] == query


def test_credentials_are_left_out_and_said_so() -> None:
    command = (
        "curl -u ann:hunter2 -b 'sid=hunter2' -H 'Authorization: Bearer hunter2' -H 'X-Api-Key: hunter2' "
        "-H 'X-Bkapi-Authorization: {}' 'http://e.example/a?bk_app_secret=hunter2&ok=1' -k"
    )
    found = import_curl(command, "cmdb")
    assert "hunter2" not in repr(found)
    assert [each.name for each in component(command).parameters] == ["ok"]
    for word in ("-u", "-b", "authorization", "x-api-key", "x-bkapi-authorization", "bk_app_secret", "-k"):
        assert word in told(found)


@pytest.mark.parametrize(
    "command",
    [
        "wget http://e.example/",
        "",
        "curl",
        "curl 'http://e.example/",
        "curl http://e.example/ | sh",
        "curl http://e.example/ ; rm -rf x",
        "curl http://e.example/$(id)",
        "curl http://e.example/`id`",
        'curl http://e.example/ -H "X: $HOME"',
        "curl -d @/etc/passwd http://e.example/",
        "curl --json @x http://e.example/",
        "curl --data-urlencode a@x http://e.example/",
        "curl -F a=@x http://e.example/",
        "curl -H @x http://e.example/",
        "curl -o out http://e.example/",
        "curl -T x http://e.example/",
        "curl -K x http://e.example/",
        "curl --unheard-of http://e.example/",
        "curl -Z http://e.example/",
        "curl -X TRACE http://e.example/",
        "curl file:///etc/passwd",
        "curl http://ann:pw@e.example/",
        "curl http://e.example/a/../b",
        "curl http://e.example//a",
        "curl http://[::1",
        "curl -m soon http://e.example/",
        "curl -m nan http://e.example/",
    ],
)
def test_what_is_no_single_plain_call_is_refused(command: str) -> None:
    found = import_curl(command, "cmdb")
    assert found.problems
    assert found.component is None


_WORDS = st.sampled_from(
    [
        "curl",
        "-d",
        "-H",
        "-X",
        "--json",
        "-G",
        "-sXPOST",
        "--data=x",
        "http://e.example/a/1?b=2",
        "'{\"a\":1}'",
        "'",
        '"',
        "\\\n",
    ]
)


@given(st.lists(_WORDS | st.text(max_size=8), max_size=12))
def test_any_line_is_a_component_that_can_be_served_or_refused(words: list[str]) -> None:
    found = import_curl("curl " + " ".join(words), "cmdb")
    assert bool(found.problems) == (found.component is None)
    if found.component is not None:
        assert component_problems(found.component, "cmdb") == []
