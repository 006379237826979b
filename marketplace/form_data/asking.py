"""Asks a component for a form, page by page, and shapes what it answers."""

import json
from collections.abc import Mapping
from typing import Any, Final

from marketplace.form_data.errors import FormDataFailed
from marketplace.form_data.questions import Pages, Question, filled
from marketplace.invoke.components import CallableComponent
from marketplace.invoke.gateway_caller import GatewayCaller

MAX_PAGES: Final = 10
"""More choices than these hold nobody looks through."""


async def answer_to(
    gateway: GatewayCaller, question: Question, given: Mapping[str, str], component: CallableComponent, token: str
) -> dict[str, Any]:
    """What Standard OPS would answer: `result`, `data`, `message`.

    Raises:
        FormDataFailed: the gateway or the system refused, or answered what is no answer.
        InvocationFailed, PluginUnavailable: as the gateway is called.
        Invalid: the address lacks a number.
    """
    body = filled(question.body, given)
    items: list[Any] = []
    for page in range(MAX_PAGES):
        answer = await _call(gateway, component, _paged(body, question.pages, page), token)
        if answer.get("result") is False:
            return _envelope([], str(answer.get("message") or ""), result=False)
        found = _items(answer.get("data"), question)
        items += found
        if question.pages is None or len(found) < question.pages.size:
            break
    return _envelope(_shaped(question, items, given, component))


def known_answer(question: Question, given: Mapping[str, str]) -> dict[str, Any]:
    """As `answer_to`, where no component is asked."""
    return _envelope(question.shape([], given))


async def _call(
    gateway: GatewayCaller, component: CallableComponent, body: Mapping[str, Any], token: str
) -> Mapping[str, Any]:
    reads = component.description.method == "GET"
    query = {name: json.dumps(one) if isinstance(one, dict) else one for name, one in body.items()} if reads else {}
    answer = await gateway.call(component, component.target(body, query), None if reads else body, token, "")
    if answer.is_error or not isinstance(answer.response, dict):
        raise FormDataFailed(answer.failure())
    return answer.response


def _paged(body: Mapping[str, Any], pages: Pages | None, page: int) -> Mapping[str, Any]:
    if pages is None:
        return body
    bounds = {pages.start: page * pages.size, pages.length: pages.size}
    return {**body, pages.within: bounds} if pages.within else {**body, **bounds}


def _items(data: Any, question: Question) -> list[Any]:
    found = data.get(question.items) if question.items and isinstance(data, dict) else data
    if isinstance(found, dict):
        return [found]
    return found if isinstance(found, list) else []


def _shaped(question: Question, items: list[Any], given: Mapping[str, str], component: CallableComponent) -> Any:
    try:
        return question.shape(items, given)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise FormDataFailed(f"{component.label} answered what forms can't be shown") from error


def _envelope(data: Any, message: str = "", *, result: bool = True) -> dict[str, Any]:
    return {"result": result, "data": data, "message": message}
