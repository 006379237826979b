from typing import Any

import pytest

from adapters.job.service.variables import MAX_VARIABLES, variables_of


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        ("", {}),
        ("a <SOPS_VAR>n:91</SOPS_VAR> b", {"n": 91}),
        ("<SOPS_VAR>n:-1.5e2</SOPS_VAR>", {"n": -150.0}),
        ("<SOPS_VAR>n: 7 </SOPS_VAR>", {"n": 7}),
        ("<SOPS_VAR>n:007</SOPS_VAR>", {"n": "007"}),
        ("<SOPS_VAR>n:91%</SOPS_VAR>", {"n": "91%"}),
        ("<SOPS_VAR>n:true</SOPS_VAR>", {"n": "true"}),
        ("<SOPS_VAR>n:9223372036854775807</SOPS_VAR>", {"n": 2**63 - 1}),
        ("<SOPS_VAR>n:9223372036854775808</SOPS_VAR>", {"n": "9223372036854775808"}),
        ("<SOPS_VAR>n:1e999</SOPS_VAR>", {"n": "1e999"}),
        ("<SOPS_VAR>url:http://a:1/</SOPS_VAR>", {"url": "http://a:1/"}),
        ("<SOPS_VAR>t:one\ntwo</SOPS_VAR>", {"t": "one\ntwo"}),
        ("<SOPS_VAR>n:1</SOPS_VAR><SOPS_VAR>n:2</SOPS_VAR>", {"n": 2}),
        ("<SOPS_VAR>a <SOPS_VAR>n:1</SOPS_VAR>", {"n": 1}),
        ("<SOPS_VAR>no name</SOPS_VAR><SOPS_VAR>a b:1</SOPS_VAR><SOPS_VAR>n:1", {}),
        ('text\n{"n": 1, "deep": {"list": [1, 2.5]}}\n', {"n": 1, "deep": {"list": [1, 2.5]}}),
        ('{"n": 18446744073709551616, "m": 1e999, "k": NaN}', {"n": "18446744073709551616", "m": "1e999", "k": "NaN"}),
        ('{"n": 1}\nlater', {}),
        ("[1]", {}),
        ("{broken", {}),
        ('{"n": "\\u0000"}', {}),
        ('{"n": "\\ud800"}', {}),
        ('{"n": ' + "[" * 2000 + "]" * 2000 + "}", {}),
    ],
)
def test_a_log_sets_typed_variables(log: str, expected: dict[str, Any]) -> None:
    assert variables_of(log) == expected


class CountedLog(str):
    """A log that counts the characters looked through in it."""

    __slots__ = ("looked_through",)

    def __init__(self, _text: str) -> None:
        self.looked_through = 0

    def find(self, sub: str, start: int = 0, end: int | None = None) -> int:  # type: ignore[override]
        place = super().find(sub, start, end)
        self.looked_through += (len(self) if place < 0 else place + len(sub)) - start
        return place

    def rfind(self, sub: str, start: int = 0, end: int | None = None) -> int:  # type: ignore[override]
        place = super().rfind(sub, start, end)
        self.looked_through += (len(self) if end is None else end) - max(place, start)
        return place


@pytest.mark.parametrize(
    ("piece", "variables"), [("<SOPS_VAR>k:", 0), ("<SOPS_VAR>k{n}:1</SOPS_VAR>", MAX_VARIABLES), ("</SOPS_VAR>", 0)]
)
def test_a_hostile_log_is_looked_through_a_few_times_however_long_it_is(piece: str, variables: int) -> None:
    log = CountedLog("".join(piece.replace("{n}", str(n)) for n in range(30_000)))
    assert len(variables_of(log)) == variables
    assert 0 < log.looked_through <= 4 * len(log)
