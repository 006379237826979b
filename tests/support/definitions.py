"""Definitions of every kind of node and edge, as a property test draws them."""

from typing import Any

from hypothesis import strategies as st

texts = st.sampled_from(
    ["", "plain", "${inputs.ip}", "on ${inputs.ip} by ${task.created_by}", "${nodes.first.outputs.url}", "$${no}",
     "${nodes.first.outputs.list[0].name}", "${item.x}", "${unknown}", "a ${inputs.other} b",
     "${constants.dir}", "in ${project.variables.region} on ${project.variables.hosts[0].ip}",
     '${inputs["odd-name"]}']
)  # fmt: skip
values = st.recursive(
    texts | st.integers(-5, 5) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
    max_leaves=4,
)
inputs = st.dictionaries(st.sampled_from(["ip", "bk_timing", "job_content", "plugin_code"]), values, max_size=3)
policies = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["Step", "步骤"]),
        "retryable": st.booleans(),
        "skippable": st.booleans(),
        "optional": st.booleans(),
        "retry": st.fixed_dictionaries(
            {"times": st.integers(1, 9)}, optional={"factor": st.just(2.0), "interval": st.just(1.5)}
        ),
        "timeout": st.fixed_dictionaries({"seconds": st.sampled_from([1, 2.5])}, optional={"action": st.just("skip")}),
        "on_failure": st.sampled_from(["stop", "ignore", "handle"]),
        "lock": st.sampled_from([{"key": "host-${inputs.ip}"}, {"key": "all", "limit": 3}]),
    },
)
called = st.fixed_dictionaries(
    {"flow": st.sampled_from(["f-inner", "f-other"]), "inputs": inputs},
    optional={"revision": st.integers(1, 3), "executor": st.just("ann")},
)
kinds = st.one_of(
    st.fixed_dictionaries(
        {
            "kind": st.just("plugin"),
            "plugin": st.sampled_from(["job_fast_execute_script", "own", "bk_old", "cc_update_host"]),
            "version": st.sampled_from(["1.0.0", "2.1.0", "legacy", "v4.0"]),
            "inputs": inputs,
        },
        optional={"executor": st.just("ann")},
    ),
    st.fixed_dictionaries({"kind": st.just("timer"), "seconds": st.sampled_from([0, 5, 1.5, "${inputs.ip}"])}),
    st.just({"kind": "timer", "until": "2030-01-31T09:00:00+08:00"}),
    st.sampled_from([{"kind": "wait"}, {"kind": "wait", "event": "paid", "key": "${inputs.ip}"}]),
    st.fixed_dictionaries(
        {"kind": st.just("notify"), "title": texts.filter(bool)},
        optional={
            "content": texts,
            "people": st.lists(st.sampled_from(["ann", "${inputs.ip}", "a,b"]), max_size=2),
            "groups": st.just(["oncall"]),
            "launcher": st.booleans(),
            "types": st.just(["weixin"]),
            "executor": st.just("ann"),
        },
    ),
    st.fixed_dictionaries(
        {"kind": st.just("confirm"), "message": texts},
        optional={"form": st.just({"schema": {"type": "object", "properties": {"why": {"type": "string"}}}})},
    ),
    st.fixed_dictionaries(
        {"kind": st.just("approval"), "message": texts},
        optional={"approvers": st.lists(st.sampled_from(["ann", "${inputs.ip}", "a,b"]), max_size=2)},
    ),
    st.just({"kind": "expression", "values": {"sum": "inputs.a + 1"}}),
    called.map(lambda rest: {"kind": "subflow", **rest}),
    called.map(lambda rest: {"kind": "map", "items": "${inputs.ip}", "parallel": 2, **rest}),
)
steps = st.tuples(kinds, policies).map(lambda both: {**both[0], **both[1]})
conditions = st.sampled_from(
    ['inputs.ip == "a"', "inputs.count > 5", 'string(inputs.ip) == "a" && (double(inputs.count) > 1.0 || true == true)',
     '!(string(inputs.ip) in ["a", "b"])', 'nodes.first.outputs.ok in [true, "true", "True"]', "size(inputs.ip) > 2",
     'project.variables.region == "north"', 'inputs.ip.startsWith("x")', 'nodes.first.state == "FAILED"', "a b"]
)  # fmt: skip
forms = st.sampled_from(
    [
        {
            "ip": {"type": "string", "title": "ip"},
            "other": {"title": "Other", "type": ["integer", "string"], "default": 3},
        },
        {"ip": {"type": "string", "enum": ["a"]}, "odd-name": {"type": "number"}, "other": {}},
        {"ip": {"title": "ip", "type": "string", "pattern": "^a", "default": "a", "description": "d"}},
    ]
).map(lambda properties: {"schema": {"type": "object", "properties": properties}})

constants = st.fixed_dictionaries(
    {"value": values},
    optional={
        "schema": st.sampled_from(
            [
                {"type": "string", "title": "Folder", "description": "d", "pattern": "^a"},
                {"type": ["integer", "string"]},
                {"type": "string", "enum": ["a", "plain"]},
                {"type": "string", "pattern": r"^\d{2}:\d{2}$"},
                {"type": "array", "items": {"type": "object", "properties": {"x": {"title": "X", "type": "string"}}}},
                {"minimum": 1},
            ]
        ),
        "once": st.just(True),
    },
)


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, Any]:
    """A first step, a gateway whose branches hold one step each, and what gathers them; perhaps a way for failures."""
    kind = draw(st.sampled_from(["exclusive", "inclusive", "parallel"]))
    branches = draw(st.integers(1, 3))
    nodes = [
        {"id": "start", "kind": "start", **draw(st.sampled_from([{}, {"name": "Begin"}]))},
        {"id": "first", **draw(steps)},
        {"id": "fork", "kind": kind},
        *({"id": f"b{number}", **draw(steps)} for number in range(branches)),
        {"id": "end", "kind": "end"},
    ]
    gathers = "end" if kind == "exclusive" else "gather"
    edges: list[dict[str, Any]] = [
        {"id": "e1", "source": "start", "target": "first"},
        {"id": "e2", "source": "first", "target": "fork"},
    ]
    for number in range(branches):
        edge: dict[str, Any] = {"id": f"in{number}", "source": "fork", "target": f"b{number}"}
        if kind != "parallel":
            edge |= {"default": True} if number else {"condition": draw(conditions)}
            edge |= draw(st.sampled_from([{}, {"name": "way"}]))
        edges += [edge, {"id": f"out{number}", "source": f"b{number}", "target": gathers}]
    if gathers == "gather":
        nodes.append({"id": "gather", "kind": "join"})
        edges.append({"id": "e3", "source": "gather", "target": "end"})
    elif draw(st.booleans()):
        nodes.append({"id": "end2", "kind": "end", "name": "Other"})
        edges[-1]["target"] = "end2"
    if nodes[1].get("on_failure") == "handle":
        edges.append({"id": "bad", "source": "first", "target": "end", "failure": True})
    rest = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "form": forms,
                "outputs": st.dictionaries(st.sampled_from(["url", "ip", "text"]), texts, max_size=2),
                "constants": st.dictionaries(st.sampled_from(["dir", "ip", "odd-name"]), constants, max_size=2),
                "layout": st.sampled_from([{"start": {"x": 1, "y": 2}}, {"first": {"z": 1}}]),
            },
        )
    )
    return {"nodes": nodes, "edges": edges, **rest}
