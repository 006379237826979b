from typing import Any

import pytest

from kernel.expressions.errors import ExpressionRefused, ExpressionSyntaxError
from kernel.expressions.renaming import renamed_in_expression, renamed_in_template


@pytest.mark.parametrize(
    ("text", "renamed"),
    [
        ("${inputs.host}", "${inputs.machine}"),
        ('on ${inputs["host"].ip} and ${inputs.host[0]}', "on ${inputs.machine.ip} and ${inputs.machine[0]}"),
        ("${inputs.hosts} ${nodes.host.outputs.host}", "${inputs.hosts} ${nodes.host.outputs.host}"),
        ("$${inputs.host} ${inputs['host']}", "$${inputs.host} ${inputs.machine}"),
        ({"host": ["${inputs.host}", 3]}, {"host": ["${inputs.machine}", 3]}),
    ],
)
def test_references_of_a_template_are_renamed_and_nothing_else(text: Any, renamed: Any) -> None:
    assert renamed_in_template(text, "inputs", "host", "machine") == renamed


def test_a_template_that_cant_be_read_is_refused() -> None:
    with pytest.raises(ExpressionSyntaxError):
        renamed_in_template("${inputs.}", "inputs", "host", "machine")


@pytest.mark.parametrize(
    ("source", "renamed"),
    [
        ("inputs.host == 'inputs.host' // inputs.host", "inputs.machine == 'inputs.host' // inputs.host"),
        ('inputs["host"].ip + inputs . host', "inputs.machine.ip + inputs .machine"),
        ("inputs.hosts.all(host, host != inputs.host)", "inputs.hosts.all(host, host != inputs.machine)"),
        ("has(inputs.host) && nodes.inputs.host", "has(inputs.machine) && nodes.inputs.host"),
    ],
)
def test_paths_of_an_expression_are_renamed_and_nothing_else(source: str, renamed: str) -> None:
    assert renamed_in_expression(source, "inputs", "host", "machine") == renamed


@pytest.mark.parametrize(
    "source", ["inputs[task.name]", '"host" in inputs', "[1].all(inputs, inputs.host)", "inputs['ho\\x73t'] == ''"]
)
def test_an_expression_that_may_mean_any_name_is_refused(source: str) -> None:
    with pytest.raises(ExpressionRefused):
        renamed_in_expression(source, "inputs", "host", "machine")
