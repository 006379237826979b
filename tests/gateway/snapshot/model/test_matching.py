import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.snapshot.model.errors import ShardError
from gateway.snapshot.model.snapshot import compile_shard


def table(*components: tuple[str, str, str, dict[str, object]]):
    document = {
        "kind": "system",
        "name": "s",
        "stages": {
            "prod": {
                "release": "1.0.0",
                "upstream": {"base_url": "http://u"},
                "components": [
                    {"name": name, "method": method, "path": path, **more} for name, method, path, more in components
                ],
            }
        },
    }
    return compile_shard(document, str.encode).stages["prod"].table


def found(routes, method, path):
    match = routes.match(method, path)
    return (match[0].component, match[1]) if match else None


ROUTES = table(
    ("list", "GET", "/hosts", {}),
    ("one", "GET", "/hosts/{id}", {}),
    ("mine", "GET", "/hosts/mine", {}),
    ("disks", "GET", "/hosts/{id}/disks", {}),
    ("special", "GET", "/hosts/mine/special", {}),
    ("any", "ANY", "/any", {}),
    ("files", "GET", "/files/{bucket}", {"match_subpath": True}),
    ("root", "GET", "/", {}),
)


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "hosts", ("list", ())),
        ("GET", "/hosts/", ("list", ())),
        ("GET", "hosts/7", ("one", ("7",))),
        ("GET", "hosts/mine", ("mine", ())),
        ("GET", "hosts/mine/disks", ("disks", ("mine",))),
        ("GET", "hosts/mine/special", ("special", ())),
        ("PUT", "any", ("any", ())),
        ("GET", "files/b/x/y.txt", ("files", ("b", "x/y.txt"))),
        ("GET", "files/b", ("files", ("b", ""))),
        ("GET", "", ("root", ())),
        ("POST", "hosts", None),
        ("GET", "hosts/7/none", None),
        ("GET", "files", None),
    ],
)
def test_static_beats_parameter_and_parameter_beats_subpath(method, path, expected):
    assert found(ROUTES, method, path) == expected


@given(st.lists(st.sampled_from(["a", "b", "{p}"]), min_size=1, max_size=4).map("/".join), st.data())
def test_a_template_matches_its_own_fillings(template, data):
    names = iter(range(9))
    path = "/".join(f"{{p{next(names)}}}" if part == "{p}" else part for part in template.split("/"))
    filled = "/".join(
        data.draw(st.text("xyz", min_size=1, max_size=3)) if part == "{p}" else part for part in template.split("/")
    )
    match = found(table(("c", "GET", "/" + path, {})), "GET", filled)
    values = tuple(value for part, value in zip(template.split("/"), filled.split("/"), strict=True) if part == "{p}")
    assert match == ("c", values)


@pytest.mark.parametrize(
    "components",
    [
        [("a", "GET", "/x", {}), ("b", "GET", "/x/", {})],
        [("a", "GET", "/{x}", {}), ("b", "GET", "/{y}", {})],
        [("a", "GET", "/x", {}), ("a", "POST", "/x", {})],
        [("a", "GET", "/{x}/{x}", {})],
        [("a", "GET", "/a{x}", {})],
        [("a", "GET", "/{x-y}", {})],
        [("a", "TRACE", "/x", {})],
        [("a", "GET", "/x", {"upstream_path": "/{y}"})],
        [("a", "GET", "/x", {"scopes": "cmdb:read"})],
        [("a", "GET", "/x", {"grant_required": "yes"})],
    ],
)
def test_a_document_that_is_ambiguous_or_malformed_is_refused(components):
    with pytest.raises(ShardError):
        table(*components)
