"""What is matched is what is forwarded: a path is read once, and no server behind reads another one out of it."""

from urllib.parse import unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.dataplane.address import normalised
from gateway.wire.refusal import Refusal
from tests.gateway.dataplane.conftest import component, token

_PIECES = st.sampled_from(
    ["a", "b", "/", "//", ".", "..", "%2e", "%2E", "%2f", "%2F", "%5c", "%252e", "%252f", "%61", "%C3%A9", "%c3%a9",
     ";", ";x=y", "~", "%7e", "%00", "%0a", "%", "%2", "+", "%2B", "@", ":", "=", "&", "\\", "|", "é", "search"]
) | st.text(max_size=2)  # fmt: skip
_PATHS = st.lists(_PIECES, max_size=8).map(lambda parts: ("/api/cmdb/prod/" + "".join(parts)).encode())


@settings(max_examples=500)
@given(_PATHS)
@example(b"/api/cmdb/prod/%2%65%2%65/x")
@example(b"/api/cmdb/prod/a/;/b")
def test_a_path_that_is_accepted_reads_the_same_to_everybody(raw):
    try:
        path = normalised(raw)
    except Refusal:
        return
    assert normalised(path.encode()) == path
    assert unquote(path, "latin-1") == unquote(raw.decode("latin-1"), "latin-1")
    seen = unquote(path, "latin-1")
    assert seen.count("/") == path.count("/")
    assert not {".", ".."} & {segment.split(";")[0] for segment in seen.split("/")[1:]}
    assert "" not in [segment.split(";")[0] for segment in unquote(path, "latin-1").split("/")[1:-1]]
    assert not {"\\", "\x00", "\r", "\n"} & set(seen)


@pytest.mark.parametrize(
    ("sent", "forwarded"),
    [
        ("/%73earch", "/search"),
        ("/SEARCH", None),
        ("/hosts/a%2db%3a", "/hosts/a-b%3A"),
        ("/hosts/%252e%252e", "/hosts/%252e%252e"),
        ("/hosts/%252E%252fx", "/hosts/%252E%252fx"),
        ("/hosts/%c3%A9", "/hosts/%C3%A9"),
        ("/hosts/a;b=c", "/hosts/a;b=c"),
        ("/hosts/;", None),
        ("/files/;b=c/x", None),
        ("/files/%3Bb/x", None),
        ("/hosts/a%3Bb", "/hosts/a%3Bb"),
        ("/hosts/a+b%2B", "/hosts/a+b%2B"),
        ("/hosts/{id}", None),
        ("/hosts/%7Bid%7D", "/hosts/%7Bid%7D"),
        ("/files/x/%2e%2e/y", None),
        ("/files/x/..%3b/y", None),
        ("/files/x/.%3Bv/y", None),
        ("/files/x/...%3B/y", "/files/x/...%3B/y"),
        ("/files/x/%2E%2E;/y", None),
        ("/files/x%2f..%2fy", None),
        ("/files/%2%65%2%65/y", None),
        ("/files/a/b/", "/files/a/b/"),
        ("/files/a/b", "/files/a/b"),
        ("/hosts/a/", "/hosts/a"),
    ],
)
async def test_each_path_arrives_as_it_was_matched_or_not_at_all(gateway, sent, forwarded):
    gateway.system(
        component("search", "GET"),
        component("host", "GET", path="/hosts/{id}"),
        component("files", "GET", match_subpath=True),
    )
    target = b"/api/cmdb/prod" + sent.encode()
    headers = {"authorization": f"Bearer {token()}"}
    request = gateway.http.build_request("GET", gateway.url, headers=headers, extensions={"target": target})
    answer = await gateway.http.send(request)
    if forwarded is None:
        assert answer.status_code in (400, 404)
        assert gateway.upstream.received == []
    else:
        assert answer.status_code == 200
        assert gateway.upstream.received[0].target == f"/systems/cmdb{forwarded}"


async def test_a_path_that_leads_nowhere_is_not_repeated_where_it_may_hold_a_credential(gateway):
    headers = {"authorization": f"Bearer {token()}"}
    answer = await gateway.http.get("/api/cmdb/prod/elsewhere&access_token=hush", headers=headers)
    assert (answer.status_code, "hush" in answer.text) == (404, False)
    assert "hush" not in answer.headers["x-bkapi-error-message"]
