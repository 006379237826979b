"""Acceptance case 52: which gateways may stand around what."""

import pytest

from orchestrator.validation.plugins import KnownPlugin
from orchestrator.validation.rules import Surroundings, may_run, validate
from tests.orchestrator.engine.play import graph

KNOWN = Surroundings({("x", "1"): KnownPlugin({"type": "object"}, {})})
LEGAL = (
    "start>fork fork>a fork>b a>meet b>meet meet>end",
    "start>some some>a:true some>b:default a>meet b>meet meet>end",
    "start>fork fork>fork2 fork>b fork2>c fork2>d c>meet2 d>meet2 meet2>meet b>meet meet>end",
    "start>fork fork>how fork>b how>c:true how>d:default c>meet d>meet b>meet meet>end",
    "start>fork fork>some fork>b some>c:true some>d:default c>meet2 d>meet2 meet2>meet b>meet meet>end",
    "start>how how>a:true how>b:default a>end b>end",
    "start>how how>a:true how>b:default a>c b>c c>end",
    "start>how how>how2:true how>b:default how2>c:true how2>b:default c>end b>end",
    "start>a a>how how>a:false how>end:default",
    "start>fork fork>a fork>b b>how how>b:false how>meet:default a>meet meet>end",
    "start>how how>fork:true how>end:default fork>a fork>b a>meet b>meet meet>end",
    "start>fork fork>a fork>b a>meet b>meet meet>how how>fork:false how>end:default",
    "start>fork fork>a a>meet meet>end",
)
ILLEGAL = (
    "start>fork fork>a fork>b a>end b>end",
    "start>fork fork>a fork>b a>meet b>meet2 meet>end meet2>end",
    "start>how how>a:true how>b:default a>meet b>meet meet>end",
    "start>fork fork>a fork>b a>c b>c c>end",
    "start>fork fork>fork2 fork>b fork2>c fork2>d c>meet d>meet b>meet meet>end",
    "start>fork fork>fork2 fork>b fork2>c fork2>d c>meet2 d>meet b>meet2 meet2>end meet>end",
    "start>a a>fork fork>b fork>how how>a:false how>meet:default b>meet meet>end",
    "start>fork fork>a fork>b a>how how>b:false how>meet:default b>meet meet>end",
    "start>fork fork>a fork>b a>meet b>meet meet>c c>how how>meet:false how>end:default",
    "start>how how>a:true how>fork:default fork>a fork>b a>meet b>meet meet>end",
    "start>fork fork>a fork>how how>end:false how>meet:default a>meet meet>end",
)


@pytest.mark.parametrize("ways", LEGAL)
def test_case_52_a_legal_pair_of_gateways_may_be_published(ways: str) -> None:
    assert [problem for problem in validate(graph(*ways.split()), KNOWN) if problem.blocking] == []


@pytest.mark.parametrize("ways", ILLEGAL)
def test_case_52_an_illegal_pair_of_gateways_is_refused(ways: str) -> None:
    assert not may_run(validate(graph(*ways.split()), KNOWN))
