"""Named values of a flow: worked out when they are named, from what is known then."""

from typing import Any

from orchestrator.engine.events import ChangeInputsRequested
from tests.orchestrator.engine.cases.test_subflows import call
from tests.orchestrator.engine.play import Play, document, graph

LINE = ("start>a", "a>b", "b>end")


def constants(**values: Any) -> dict[str, Any]:
    return {
        "constants": {name: value if isinstance(value, dict) else {"value": value} for name, value in values.items()}
    }


def test_a_constant_is_a_value_or_put_together_of_others() -> None:
    extra = constants(
        limit=80, dir="/data/${inputs.ip}", log="${constants.dir}/${nodes.a.outputs.n}.log", ips={"value": ["x"]}
    )
    inputs = {"b": {"n": "${constants.limit}", "text": "cat ${constants.log}", "first": "${constants.ips[0]}"}}
    play = Play(graph(*LINE, inputs=inputs, extra=extra), ip="10.0.0.1")
    play.answer("a", outputs={"n": 7})
    assert play.run("b").inputs == {"n": 80, "text": "cat /data/10.0.0.1/7.log", "first": "x"}


def test_conditions_see_constants_of_which_one_may_lead_nowhere() -> None:
    edges = ("start>how", "how>a:constants.limit > 50", "how>b:default", "a>end", "b>end")
    play = Play(graph(*edges, extra=constants(limit=80, gone="${nodes.b.outputs.x}")))
    assert play.run("a").state == "RUNNING"
    missing = Play(
        graph(
            "start>a", "a>end", inputs={"a": {"x": "${constants.gone}"}}, extra=constants(gone="${nodes.z.outputs.x}")
        )
    )
    assert "nodes.z" in (missing.run("a").error or "")


def test_a_circle_fails_the_node_that_names_it() -> None:
    play = Play(
        graph(
            "start>a",
            "a>end",
            inputs={"a": {"x": "${constants.p}"}},
            extra=constants(p="${constants.q}", q="${constants.p}"),
        )
    )
    assert "leads back to itself" in (play.run("a").error or "")


def test_one_that_is_worked_out_once_keeps_to_the_inputs_of_the_start() -> None:
    extra = constants(now="to ${inputs.ip}", then={"value": "to ${inputs.ip}", "once": True})
    inputs = {name: {"x": "${constants.now} ${constants.then}"} for name in ("a", "b")}
    play = Play(graph(*LINE, inputs=inputs, extra=extra), ip="10.0.0.1", note="n")
    for ip in ("10.0.0.2", "10.0.0.3"):
        play.do(ChangeInputsRequested(1.0, {"ip": ip, "note": "n"}))
    assert play.state.began == {"ip": "10.0.0.1"}
    play.finish("a")
    assert play.run("b").inputs == {"x": "to 10.0.0.3 to 10.0.0.1"}


def test_a_flow_inside_has_its_own_constants_and_none_of_those_around_it() -> None:
    inner = document(
        *("start>a", "a>end"),
        inputs={"a": {"x": "${constants.own}"}},
        extra={**constants(own="in ${inputs.n}"), "outputs": {"y": "${constants.own}!"}, "form": {"schema": {}}},
    )
    leaking = document("start>a", "a>end", inputs={"a": {"x": "${constants.own}"}})
    extra = {**constants(own="out"), "subflows": {"inner@1": inner, "leaking@1": leaking}}
    nodes = {"sub": call(inputs={"n": "${constants.own}"}), "other": call("leaking")}
    play = Play(graph("start>sub", "sub>other", "other>end", nodes=nodes, extra=extra))
    assert play.run("sub.a").inputs == {"x": "in out"}
    play.finish("sub.a")
    assert play.run("sub").outputs == {"y": "in out!"}
    assert "constants" in (play.run("other.a").error or "")
