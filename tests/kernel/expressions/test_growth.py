"""What an expression gives stays within memory, whatever it is given."""

from dataclasses import replace

import pytest

from kernel.expressions.conditions import compile_condition, evaluate
from kernel.expressions.errors import ExpressionRefused
from kernel.expressions.growth import MAX_SIZE, Use, size_of, uses_in
from kernel.expressions.interpolation import interpolate
from kernel.expressions.tokens import macro_names, tokenise

TEXT = "x" * 1_000_000
MANY = list(range(1_000))


@pytest.mark.parametrize(
    "source",
    [
        "l.map(i, t)",
        "l.map(i, {'of': i, 'all': t})",
        "l.map(i, l.map(j, i)).map(k, l)",
        "texts.map(i, texts.map(j, i))",
        "texts.map(i, texts)",
        "(l + l).map(i, t)",
        f"many.map(i, '{'z' * 4_000}')",
        " + ".join(["t"] * 100),
        "[" + ", ".join(["t"] * 100) + "]",
    ],
)
def test_what_could_fill_the_memory_is_refused_before_it_is_made(source: str) -> None:
    values = {"t": TEXT, "l": MANY, "texts": ["y" * 500] * 1_000, "many": [1] * 50_000}

    class Program:
        def execute(self, seen: object) -> object:
            pytest.fail("it was begun")

    condition = replace(compile_condition(source), program=Program())
    with pytest.raises(ExpressionRefused):
        condition.value(values)


@pytest.mark.parametrize(
    "source",
    [
        "hosts.map(h, h.ip)",
        "hosts.map(h, {'ip': h.ip, 'user': user, 'name': names[h.n]})",
        "hosts.map(h, h.ip + ':' + user)",
        "hosts.map(h, h.ip in known)",
        "t == t && t.startsWith('x')",
    ],
)
def test_what_people_ask_of_long_lists_is_worked_out(source: str) -> None:
    hosts = [{"ip": f"10.0.{number // 250}.{number % 250}", "n": number} for number in range(1_000)]
    known = [host["ip"] for host in hosts]
    names = [f"host-{number}" for number in range(1_000)]
    assert evaluate(source, {"hosts": hosts, "known": known, "names": names, "user": "ann", "t": TEXT})


def test_what_is_larger_than_it_was_thought_to_be_is_refused() -> None:
    texts = ["y" * 50_000] * 330
    with pytest.raises(ExpressionRefused, match="more than 16000000 characters"):
        evaluate("texts", {"texts": texts})


def test_a_template_that_repeats_a_large_value_is_refused() -> None:
    values = {"t": [TEXT] * 8}
    assert interpolate({"a": "${t}", "b": ["${t[0]}"]}, values) == {"a": [TEXT] * 8, "b": [TEXT]}
    with pytest.raises(ExpressionRefused, match="more than 16000000 characters"):
        interpolate({"a": ["${t}", "${t}", "${t}"]}, values)


def test_a_value_that_holds_itself_often_is_not_counted_out() -> None:
    value: list[object] = [TEXT]
    for _ in range(40):
        value = [value, value]
    assert MAX_SIZE < size_of(value) < 2 * MAX_SIZE


def test_bodies_of_map_are_told_from_those_that_make_nothing() -> None:
    tokens = tokenise("a.b.filter(x, x in c).map(y, [y, d[y.n], e.map(z, f)])")
    assert uses_in(tokens, macro_names(tokens)) == (
        Use(("a", "b"), 0, is_bound=False, is_part=False),
        Use(("x",), 0, is_bound=True, is_part=False),
        Use(("x",), 0, is_bound=True, is_part=False),
        Use(("c",), 0, is_bound=False, is_part=False),
        Use(("y",), 1, is_bound=True, is_part=False),
        Use(("y",), 1, is_bound=True, is_part=False),
        Use(("d",), 1, is_bound=False, is_part=True),
        Use(("y", "n"), 1, is_bound=True, is_part=False),
        Use(("e",), 1, is_bound=False, is_part=False),
        Use(("z",), 2, is_bound=True, is_part=False),
        Use(("f",), 2, is_bound=False, is_part=False),
    )
