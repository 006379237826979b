"""Whether an answer is what a recorded sample expects. Pure."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.registry.trials.gateway import TrialAnswer, TrialRequest
from kernel.errors import TrunklineError
from kernel.json_input import read_json

_MOST_PROBLEMS = 20


def request_of(sample: Mapping[str, Any]) -> TrialRequest:
    request = sample["request"]
    return TrialRequest(
        path=request.get("path", {}),
        query=request.get("query", {}),
        headers=request.get("headers", {}),
        body=request.get("body"),
        method=request.get("method"),
    )


def differences(sample: Mapping[str, Any], answer: TrialAnswer) -> list[str]:
    """What is not as the sample expects; empty when all is. Members it doesn't name may be anything."""
    expect = sample["expect"]
    found: list[str] = []
    if answer.status != expect.get("status", 200):
        found.append(f"status {answer.status} instead of {expect.get('status', 200)}")
    wanted = expect.get("json")
    if wanted is None:
        return found
    try:
        given = read_json(answer.body)
    except TrunklineError as error:
        return [*found, f"the answer is not JSON that can be compared: {error.detail}"]
    found += _unlike(wanted, given, "")
    return found[:_MOST_PROBLEMS]


def _unlike(wanted: Any, given: Any, at: str) -> Iterator[str]:
    where = at or "the answer"
    if isinstance(wanted, dict) and isinstance(given, dict):
        for name, value in sorted(wanted.items()):
            if name in given:
                yield from _unlike(value, given[name], f"{at}/{name}")
            else:
                yield f"{at}/{name} is missing"
    elif isinstance(wanted, list) and isinstance(given, list):
        if len(wanted) != len(given):
            yield f"{where} has {len(given)} items instead of {len(wanted)}"
        for index, (one, other) in enumerate(zip(wanted, given, strict=False)):
            yield from _unlike(one, other, f"{at}/{index}")
    elif isinstance(wanted, bool) != isinstance(given, bool) or wanted != given:
        yield f"{where} is {_shown(given)} instead of {_shown(wanted)}"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 100 else f"{text[:100]}…"  # noqa: PLR2004 - it is read by people
