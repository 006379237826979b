"""Parameters reach the upstream where the mapping puts them, and nowhere else."""

import json
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gateway.dataplane.call import Call
from gateway.dataplane.headers import HeaderSorter
from gateway.dataplane.steps.map_parameters import MapParameters
from gateway.snapshot.model.routes import Route
from gateway.snapshot.model.snapshot import Snapshot
from gateway.snapshot.model.systems import SystemShard
from gateway.wire.refusal import Refusal
from tests.gateway.dataplane.conftest import Gateway, component, token


def assign(to: str, source: Any, *, required: bool = False, **more: Any) -> dict[str, Any]:
    """`"query:limit"` and the like; a source that is no text is a constant."""
    return {
        "to": _place(to) | more,
        "from": _place(source) if isinstance(source, str) else source,
        "required": required,
    }


def _place(text: str) -> dict[str, str]:
    location, _, name = text.partition(":")
    return {"in": location, "name": name}


def route(*mapping: dict[str, Any], path: str = "/search", method: str = "POST", **more: Any) -> Route:
    given_component = {"name": "search", "method": method, "path": path, "mapping": list(mapping), **more}
    stage = {
        "release": "1.0.0",
        "upstream": {"base_url": "http://up.example/base"},
        "variables": {"region": "eu west"},
        "components": [given_component],
    }
    shard = SystemShard.from_document({"name": "cmdb", "stages": {"prod": stage}}, lambda _sealed: b"")
    return shard.stages["prod"].components["search"]


def mapped(
    planned: Route,
    query: str = "",
    body: bytes = b"",
    params: tuple[str, ...] = (),
    headers: list[tuple[bytes, bytes]] | None = None,
) -> Call:
    call = Call(Snapshot(), planned, params, HeaderSorter().sort([(b"host", b"h"), *(headers or [])]), 0.0)
    call.target = f"/base/search?{query}" if query else "/base/search"
    call.body = body
    MapParameters(planned, "/base")(call)
    return call


def passed(call: Call) -> dict[str, str]:
    parts = call.headers.passed
    return {parts[at].decode(): parts[at + 2].decode("latin-1") for at in range(0, len(parts), 4)}


def test_values_move_from_where_the_caller_puts_them_to_where_the_upstream_wants_them() -> None:
    planned = route(
        assign("path:id", "query:host"),
        assign("query:kind", "body:filter.kind"),
        assign("body:page.limit", "header:X-Limit", type="integer"),
        assign("header:X-Region", {"variable": "region"}),
        assign("body:version", {"constant": {"major": 3}}),
        upstream_path="/hosts/{id}/find",
    )
    body = b'{"filter":{"kind":"rack","n":12345678901234567890123},"deep":1.50}'
    call = mapped(planned, "host=a%20b%2B&keep=1", body, headers=[(b"X-Limit", b"20"), (b"x-other", b"o")])
    assert call.target == "/base/hosts/a%20b%2B/find?keep=1&kind=rack"
    assert call.body == (
        b'{"filter":{"n":12345678901234567890123},"deep":1.50,"page":{"limit":20},"version":{"major": 3}}'
    )
    assert passed(call) == {"x-other": "o", "x-region": "eu west"}


def test_a_path_parameter_may_become_anything_and_a_sub_path_goes_on() -> None:
    planned = route(assign("body:id", "path:id"), path="/x/{id}", match_subpath=True, upstream_path="/y")
    call = mapped(planned, params=("caf%C3%A9", "rest/of"))
    assert call.target == "/base/y/rest/of"
    assert call.body == b'{"id":"caf\\u00e9"}'


def test_a_whole_body_can_be_wrapped() -> None:
    call = mapped(route(assign("body:data", "body:")), body=b'{"a": 1, "b": [2]}')
    assert call.body == b'{"data":{"a":1,"b":[2]}}'


def test_an_object_that_is_taken_becomes_the_whole_body() -> None:
    planned = route(assign("body:", "body:data"), assign("path:id", "body:id"), upstream_path="/x/{id}")
    call = mapped(planned, body=b'{"data": {"a": 12345678901234567890}, "id": 7, "rest": 1}')
    assert (call.target, call.body) == ("/base/x/7", b'{"a":12345678901234567890}')
    assert mapped(planned, body=b'{"id": 7, "rest": 1}').body == b"{}"


def test_of_several_sources_the_first_that_has_a_value_counts_and_all_leave_their_places() -> None:
    sources = [{"in": "body", "name": "content"}, {"in": "body", "name": "text", "as": "base64"}]
    planned = route(assign("body:content", sources), assign("body:lines", [_place("query:n"), {"constant": 20}]))
    assert mapped(planned, "n=7", b'{"text": "\\u00e9 "}').body == b'{"content":"w6kg","lines":"7"}'
    assert (
        mapped(planned, "", b'{"content": "QQ==", "text": "b", "Content": 1}').body == b'{"content":"QQ==","lines":20}'
    )
    assert mapped(planned, "", b'{"content": null}').body == b'{"lines":20}'


def test_some_values_are_replaced_and_all_others_pass() -> None:
    named = {"shell": 1, "true": 1, "false": 0, "7": "seven"}
    planned = route(
        assign("body:a", {"in": "body", "name": "a", "values": named}),
        assign("query:q", {"in": "query", "name": "q", "values": {"yes": True}}),
    )
    for sent, wanted in (('"shell"', "1"), ("true", "1"), ("7", '"seven"'), ("1.50", "1.50"), ('"bat"', '"bat"')):
        assert mapped(planned, body=f'{{"a": {sent}}}'.encode()).body == f'{{"a":{wanted}}}'.encode()
    assert mapped(planned, "q=yes").target == "/base/search?q=true"
    assert mapped(planned, "q=no").target == "/base/search?q=no"


def test_a_text_becomes_a_list_and_a_list_stays_one() -> None:
    planned = route(assign("body:to", {"in": "body", "name": "to", "as": "list"}))
    for sent, wanted in (
        ('"a@b, c;d "', b'{"to":["a@b", "c", "d"]}'),
        ('["a b"]', b'{"to":["a b"]}'),
        ('""', b'{"to":[]}'),
    ):
        assert mapped(planned, body=f'{{"to": {sent}}}'.encode()).body == wanted


def test_addresses_in_a_text_become_hosts_and_hosts_stay_what_they_are() -> None:
    planned = route(assign("body:target.ip_list", {"in": "body", "name": "target.ip_list", "as": "hosts"}))
    first, second = {"bk_cloud_id": 0, "ip": "10.0.0.1"}, {"bk_cloud_id": 3, "ip": "10.0.0.2"}
    for sent in ("10.0.0.1, 3:10.0.0.2", "10.0.0.1\n3:10.0.0.2;", [first, second]):
        call = mapped(planned, body=json.dumps({"target": {"ip_list": sent, "n": 1}}).encode())
        assert json.loads(call.body or b"") == {"target": {"ip_list": [first, second], "n": 1}}
    assert json.loads(mapped(planned, body=b'{"target": {"n": 1}}').body or b"") == {"target": {"n": 1}}
    with pytest.raises(Refusal, match=r"body member target.ip_list is no text"):
        mapped(planned, body=b'{"target": {"ip_list": 7}}')


def test_rows_of_sources_become_sources_and_sources_stay_what_they_are() -> None:
    planned = route(assign("body:from", {"in": "body", "name": "from", "as": "file-sources"}))
    row = {"ip": "10.0.0.1, 3:10.0.0.2", "files": "/a/b.tar\n\n /c/ ", "account": "root"}
    hosts = [{"bk_cloud_id": 0, "ip": "10.0.0.1"}, {"bk_cloud_id": 3, "ip": "10.0.0.2"}]
    wanted = {"file_list": ["/a/b.tar", "/c/"], "server": {"ip_list": hosts}, "account": {"alias": "root"}}
    in_texts = {**wanted, "file_list": "/a/b.tar\n/c/", "server": {"ip_list": "10.0.0.1;3:10.0.0.2"}}
    by_ids = {"file_list": ["/a"], "server": {"host_id_list": [30_000_000_000]}, "account": {"id": 7}, "file_type": 1}
    sent = json.dumps({"from": [row, wanted, in_texts, by_ids, "/a"]}).encode()
    assert json.loads(mapped(planned, body=sent).body or b"") == {"from": [wanted, wanted, wanted, by_ids, "/a"]}
    assert mapped(planned, body=b"{}").body == b"{}"
    with pytest.raises(Refusal, match="body member from is no list"):
        mapped(planned, body=b'{"from": {"ip": "10.0.0.1"}}')


@pytest.mark.parametrize("number", ["1" * 5_000, "1e999", "0.12345678901234567890"])
def test_numbers_of_sources_pass_exactly(number: str) -> None:
    planned = route(assign("body:from", {"in": "body", "name": "from", "as": "file-sources"}))
    sent = f'{{"from": [{{"file_list":"/a","account":{{"id":{number}}}}},{{"files":"/a","account":{number}}}]}}'
    assert (mapped(planned, body=sent.encode()).body or b"").decode().count(number) == 2


def test_a_source_that_names_something_twice_is_refused() -> None:
    planned = route(assign("body:from", {"in": "body", "name": "from", "as": "file-sources"}))
    with pytest.raises(Refusal, match="body member from: a name is given twice"):
        mapped(planned, body=b'{"from": [{"files": "/a", "files": "/b"}]}')


def test_a_body_that_is_taken_apart_does_not_go_with_a_get() -> None:
    call = mapped(route(assign("query:a", "body:a"), upstream_method="GET"), body=b'{"a":[1,"x",true],"b":2}')
    assert (call.target, call.body) == ("/base/search?a=1&a=x&a=true", b"")


@pytest.mark.parametrize(
    "sent", ["tenant=evil", "Tenant=evil", "%74enant=evil", "a=1;tenant=evil", "tenant=evil&tenant"]
)
def test_what_the_mapping_writes_no_caller_writes(sent: str) -> None:
    planned = route(assign("query:tenant", {"constant": "ours"}), assign("body:tenant", {"constant": "ours"}))
    call = mapped(planned, sent, b'{"tenant":"evil"}')
    pairs = parse_qsl(urlsplit(call.target).query)
    assert [value for name, value in pairs if name.lower() == "tenant"] == ["ours"]
    assert ";" not in call.target
    assert json.loads(call.body or b"") == {"tenant": "ours"}


def test_a_place_without_a_value_stays_empty_even_when_the_caller_fills_it() -> None:
    planned = route(assign("query:a", "query:b"), assign("header:x-a", "body:a"), assign("body:c", "query:c"))
    call = mapped(planned, "a=evil", b'{"c":"evil"}', headers=[(b"X_A", b"evil")])
    assert (call.target, call.body, passed(call)) == ("/base/search", b"{}", {})


@pytest.mark.parametrize(
    ("mapping", "query", "body", "told"),
    [
        (assign("body:a", "query:a", required=True), "", b"", "query parameter a is missing"),
        (assign("query:a", "body:x.y", required=True), "", b'{"x":{"y":null}}', "body member x.y is missing"),
        (assign("path:id", "query:id"), "", b"", "query parameter id is missing"),
        (assign("path:id", "query:id"), "id=..", b"", "can't stand in a path"),
        (assign("path:id", "query:id"), "id=a%2Fb", b"", "can't stand in a path"),
        (assign("path:id", "query:id"), "id=..%3Bx", b"", "can't stand in a path"),
        (assign("path:id", "query:id"), "id=1&id=2", b"", "query parameter id is given 2 times"),
        (assign("header:x-a", "query:a"), "a=1%0D%0AX-B:2", b"", "can't stand in a header"),
        (assign("header:x-a", "query:a"), "a=%C3%A9", b"", "can't stand in a header"),
        (assign("body:a", "query:a", type="integer"), "a=1e3", b"", "query parameter a is no integer"),
        (assign("body:a", "query:a", type="number"), "a=0x1", b"", "query parameter a is no number"),
        (assign("body:a", "query:a", type="boolean"), "a=yes", b"", "query parameter a is no boolean"),
        (assign("query:a", "body:a"), "", b'{"a":{}}', "body member a is neither"),
        (assign("query:a", "body:a"), "", b"[1]", "no JSON object"),
        (assign("query:a", "body:a"), "", b'{"a":1,"a":2}', "a name is given twice"),
        (assign("body:a.b", "query:a"), "a=1", b'{"a":3}', "is no object on the way"),
        (assign("body:a", "query:a"), "a=%FF", b"", "the query is not UTF-8"),
        (assign("body:a", {"in": "body", "name": "b", "as": "base64"}), "", b'{"b": 1}', "body member b is no text"),
        (assign("body:", "body:a"), "", b'{"a":[1]}', "the body not a JSON object"),
    ],
)
def test_what_cannot_be_mapped_is_refused_by_name(mapping: dict[str, Any], query: str, body: bytes, told: str) -> None:
    planned = route(mapping, upstream_path="/x/{id}" if mapping["to"]["in"] == "path" else "/x")
    with pytest.raises(Refusal, match=told):
        mapped(planned, query, body)


_TEXT = st.text(max_size=20)


@given(value=_TEXT, other=_TEXT)
@settings(max_examples=300)
def test_no_value_changes_another_parameter(value: str, other: str) -> None:
    """Query, path and body: the upstream reads exactly the value, and exactly what passed beside it."""
    assume(not any(0xD800 <= ord(sign) < 0xE000 for sign in value + other))
    planned = route(
        assign("query:q", "body:v"),
        assign("body:b", "query:v"),
        assign("path:p", "header:x-v"),
        upstream_path="/a/{p}/z",
    )
    segment = quote(value, safe="!$&'()*+,;=:@")
    query = f"keep={quote(other, safe='')}&v={quote(value, safe='')}"
    try:
        call = mapped(
            planned, query, json.dumps({"v": value, "keep": other}).encode(), headers=[(b"x-v", segment.encode())]
        )
    except Refusal:
        assert not segment or segment.split(";", 1)[0] in ("", ".", "..")
        return
    parts = urlsplit(f"http://up{call.target}")
    assert parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True) == [("keep", other), ("q", value)]
    assert [unquote(part) for part in parts.path.split("/")] == ["", "base", "a", segment, "z"]
    assert json.loads(call.body or b"") == {"keep": other, "b": value}
    assert parts.fragment == ""


@given(value=_TEXT)
@settings(max_examples=200)
def test_a_header_gets_one_visible_value_or_the_call_is_refused(value: str) -> None:
    assume(not any(0xD800 <= ord(sign) < 0xE000 for sign in value))
    planned = route(assign("header:x-v", "body:v"), assign("header:x-w", {"constant": "w"}))
    try:
        call = mapped(planned, body=json.dumps({"v": value}).encode())
    except Refusal:
        assert value != value.strip() or not value.isascii() or not value.isprintable()
        return
    assert passed(call) == {"x-v": value, "x-w": "w"}
    assert len(b"".join(call.headers.passed).split(b"\r\n")) == 3


@given(number=st.integers() | st.decimals(allow_nan=False, allow_infinity=False).map(str))
def test_numbers_keep_every_digit(number: object) -> None:
    text = str(number).replace("E+", "e").replace("E", "e")
    planned = route(assign("query:q", "body:v"), assign("body:w", "query:w", type="number"))
    call = mapped(planned, f"w={text}", f'{{"v": {text}}}'.encode())
    assert call.target == f"/base/search?q={quote(text, safe='')}"
    assert call.body == f'{{"w":{text}}}'.encode()


def test_a_member_the_mapping_writes_is_the_callers_in_no_other_letters() -> None:
    planned = route(assign("body:owner", {"constant": "ops"}), assign("body:page.Limit", {"constant": 5}))
    body = b'{"Owner":"eve","OWNER":"eve","page":{"limit":9,"x":1},"PAGE":{"LIMIT":9,"y":2},"other":3}'
    assert json.loads(mapped(planned, body=body).body or b"") == {
        "owner": "ops",
        "page": {"Limit": 5, "x": 1},
        "PAGE": {"y": 2},
        "other": 3,
    }


async def test_a_mapped_call_over_both_addresses(gateway: Gateway) -> None:
    mapping = [
        assign("path:id", "body:host.id"),
        assign("query:fields", "body:fields"),
        assign("body:source", {"constant": "gateway"}),
    ]
    gateway.system(component("update", mapping=mapping, upstream_path="/v2/hosts/{id}", upstream_method="PUT"))
    sent = {"host": {"id": 7, "name": "a"}, "fields": ["x", "y"]}
    for path in ("/api/cmdb/prod/update", "/api/c/compapi/v2/cc/update/"):
        answer = await gateway.call(path, json=sent)
        assert answer.status_code == 200, answer.text
        received = gateway.upstream.received[-1]
        assert (received.method, received.target) == ("PUT", "/systems/cmdb/v2/hosts/7?fields=x&fields=y")
        assert json.loads(received.body) == {"host": {"name": "a"}, "source": "gateway"}
        assert received.header("content-type") == "application/json"
        assert received.header("content-length") == str(len(received.body))
    refused = await gateway.call("/api/cmdb/prod/update", json={})
    assert refused.status_code == 400
    assert "body member host.id is missing" in refused.json()["message"]


async def test_a_mapping_without_the_body_lets_it_stream(gateway: Gateway) -> None:
    mapping = [assign("header:x-kind", "query:kind")]
    gateway.system(component("put", mapping=mapping), signing={"profile": "none"})
    body = b"x" * 5_000  # past what a step may read
    answer = await gateway.http.post(
        "/api/cmdb/prod/put?kind=raw", content=body, headers={"authorization": f"Bearer {token()}"}
    )
    assert answer.status_code == 200, answer.text
    received = gateway.upstream.received[-1]
    assert (received.target, received.header("x-kind"), received.body) == ("/systems/cmdb/put", "raw", body)
