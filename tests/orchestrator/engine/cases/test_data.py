"""Acceptance cases 17 to 24 and 53: what nodes are given and what they leave."""

from typing import Any

import pytest

from orchestrator.engine.events import Outcome
from tests.orchestrator.engine.cases.test_subflows import call, outer
from tests.orchestrator.engine.play import Play, document, graph

LINE = ("start>a", "a>b", "b>end")


def test_case_17_inputs_are_plain_joined_or_looked_up_when_the_node_begins() -> None:
    inputs = {
        "plain": 7,
        "joined": "${inputs.name}-${nodes.a.outputs.n}",
        "whole": "${nodes.a.outputs.rows}",
        "inside": [{"x": "${inputs.name}"}],
    }
    play = Play(graph(*LINE, inputs={"b": inputs}), name="x")
    play.answer("a", outputs={"n": 1, "rows": [1, {"y": 2}]})
    assert play.run("b").inputs == {"plain": 7, "joined": "x-1", "whole": [1, {"y": 2}], "inside": [{"x": "x"}]}


def test_case_18_what_refers_to_a_node_that_refers_to_a_third_sees_its_value() -> None:
    edges = ("start>a", "a>b", "b>c", "c>end")
    inputs = {"b": {"x": "${nodes.a.outputs.x}"}, "c": {"x": "${nodes.b.outputs.x}"}}
    play = Play(graph(*edges, inputs=inputs))
    play.answer("a", outputs={"x": [1]})
    play.answer("b", outputs=play.run("b").inputs or {})
    assert play.run("c").inputs == {"x": [1]}


def test_case_19_an_output_of_one_node_is_an_input_of_the_next() -> None:
    play = Play(graph(*LINE, inputs={"b": {"x": "${nodes.a.outputs.x.y[0]}"}}))
    play.answer("a", outputs={"x": {"y": [3]}})
    assert play.run("b").inputs == {"x": 3}


def test_case_20_outputs_come_out_of_two_levels() -> None:
    deep = document("start>a", "a>end", extra={"outputs": {"x": "${nodes.a.outputs.x}"}})
    middle = document(
        "start>sub", "sub>end", nodes={"sub": call("deep")}, extra={"outputs": {"x": "${nodes.sub.outputs.x}"}}
    )
    drawn = outer(
        *("start>sub", "sub>b", "b>end"),
        inner={"deep": deep, "middle": middle},
        nodes={"sub": call("middle")},
        inputs={"b": {"x": "${nodes.sub.outputs.x}"}},
    )
    play = Play(drawn)
    play.answer("sub.sub.a", outputs={"x": 5})
    assert play.run("b").inputs == {"x": 5}


def test_case_21_an_output_is_that_of_the_pass_that_finished_last() -> None:
    drawn = graph(
        "start>a",
        "a>how",
        "how>a:nodes.a.loop < 2",
        "how>b:default",
        "b>end",
        inputs={"b": {"x": "${nodes.a.outputs.x}"}},
    )
    play = Play(drawn)
    play.answer("a", outputs={"x": 1})
    play.answer("a", outputs={"x": 2})
    assert play.run("b").inputs == {"x": 2}


@pytest.mark.parametrize(("given", "seen"), [({"x": "${inputs.x}"}, 1), ({}, 9)])
def test_case_22_a_subflow_takes_its_parameter_or_its_default(given: dict[str, Any], seen: int) -> None:
    form = {"schema": {"type": "object", "properties": {"x": {"type": "integer", "default": 9}}}}
    inner = document("start>a", "a>end", inputs={"a": {"x": "${inputs.x}"}}, extra={"form": form})
    drawn = outer("start>sub", "sub>end", inner={"inner": inner}, nodes={"sub": call(inputs=given)})
    assert Play(drawn, x=1).run("sub.a").inputs == {"x": seen}


def test_case_24_expressions_see_how_a_node_ended_and_how_often_it_was_reached() -> None:
    drawn = graph(
        *LINE,
        inputs={"b": {"how": "${nodes.a.state}", "pass": "${nodes.a.loop}"}},
        nodes={"a": {"on_failure": "ignore"}},
    )
    assert Play(drawn).finish("a").run("b").inputs == {"how": "FINISHED", "pass": 1}
    assert Play(drawn).fail("a").run("b").inputs == {"how": "IGNORED", "pass": 1}


ATTACKS = (
    "${__import__('os').system('id')}",
    "${''.__class__.__mro__[1].__subclasses__()}",
    "${inputs.__class__}",
    "${inputs['__class__']}",
    "${open('/etc/passwd').read()}",
    "${eval('1')}",
    "<%import os%>${os.getcwd()}",
    "<% import os; x = os.popen('id').read() %>${x}",
    "${self.module.cache.util.os.system('id')}",
    "${context.kwargs}",
    "${(lambda: 1)()}",
    "${[x for x in (1,)]}",
    "${1 if True else 2}",
    "${inputs.name | n}",
    "${'%s' % inputs.name}",
    "${inputs.name.format('x')}",
    "## comment\n${inputs.gone}",
    "${next(iter(inputs))}",
    "${getattr(inputs, 'x')}",
    "${globals()}",
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_case_53_what_would_compute_inside_a_template_is_inert(attack: str) -> None:
    """It is refused where it stands, and means nothing where it was inserted."""
    play = Play(graph(*LINE, inputs={"a": {"x": attack}}), name="n")
    assert (play.seen["a"], play.status) == ("FAILED", "FAILED")
    given = Play(
        graph(*LINE, inputs={"a": {"x": "say ${inputs.name}"}, "b": {"y": "${nodes.a.outputs.said}"}}), name=attack
    )
    assert given.run("a").inputs == {"x": f"say {attack}"}
    given.answer("a", Outcome.FINISHED, outputs={"said": attack})
    assert given.run("b").inputs == {"y": attack}


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("rm -rf /tmp/${inputs.name}/*", "rm -rf /tmp/shop/*"),
        ("$HOME and $(date) and ${inputs.n}%", "$HOME and $(date) and 3%"),
        ('{"a": "${inputs.rows}"}', '{"a": "[1, 2]"}'),
        ("$${not.ours}", "${not.ours}"),
        ("中文 ${inputs.name}", "中文 shop"),
    ],
)
def test_case_53_what_people_write_is_rendered(template: str, value: str) -> None:
    play = Play(graph(*LINE, inputs={"a": {"x": template}}), name="shop", n=3, rows=[1, 2])
    assert play.run("a").inputs == {"x": value}
