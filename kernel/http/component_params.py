"""Reads a component's parameters: JSON or form on POST, the query on GET, where numbers and lists arrive as text."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from kernel.errors import BadRequest
from kernel.shape_problems import shape_problem

MAX_DEPTH = 32
_SHOWN_PROBLEMS = 5
_FORM = "application/x-www-form-urlencoded"

Params = TypeVar("Params", bound=BaseModel)


class ParametersRefused(Exception):
    """Readable, but some parameters are wrong; the text names each of them."""


def parameters_of_query(query: str, model: type[BaseModel]) -> dict[str, Any]:
    """Parameters from a query string or form.

    A repeated name is a list; JSON text stands for a list or object; a list may also be written with commas.
    """
    found: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError as error:
        raise BadRequest(f"The parameters can't be read: {error}") from None
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    kinds = _kinds(model)
    return {name: _typed(values, kinds.get(name, "string")) for name, values in found.items()}


def parameters_of_body(body: bytes, content_type: str, model: type[BaseModel]) -> dict[str, Any]:
    """Parameters from a body: JSON whatever the content type says, or a form.

    Raises:
        BadRequest: neither.
    """
    text = body.strip()
    if not text:
        return {}
    if not text.startswith(b"{") and content_type.split(";", maxsplit=1)[0].strip().lower() == _FORM:
        return parameters_of_query(_decoded(text), model)
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except RecursionError:
        raise BadRequest("The JSON body is nested too deeply") from None
    except ValueError as error:
        raise BadRequest(f"The body is not valid JSON: {error}") from None
    if not isinstance(value, dict):
        raise BadRequest("The body must be a JSON object that holds the component's parameters")
    return value


def validated(model: type[Params], parameters: Mapping[str, Any]) -> Params:
    """The parameters as the component takes them.

    Raises:
        ParametersRefused: naming each wrong parameter.
    """
    problem = _unstorable(parameters, "", 0)
    if problem is not None:
        raise ParametersRefused(problem)
    try:
        return model.model_validate(parameters)
    except ValidationError as error:
        raise ParametersRefused(_sentences(error)) from None
    except RecursionError:
        raise ParametersRefused("the parameters are nested too deeply") from None


def _kinds(model: type[BaseModel]) -> dict[str, str]:
    properties = model.model_json_schema().get("properties", {})
    return {name: _kind(schema) for name, schema in properties.items()}


def _kind(schema: Mapping[str, Any]) -> str:
    options: Sequence[Mapping[str, Any]] = schema.get("anyOf", [schema])
    kinds = {str(option.get("type", "object")) for option in options} - {"null"}
    if {"array", "string"} <= kinds:
        return "text or list"
    return next((kind for kind in ("array", "object", "string") if kind in kinds), "scalar")


def _typed(values: list[str], kind: str) -> Any:
    if kind in {"string", "scalar"}:
        return values[0] if len(values) == 1 else values
    if len(values) > 1:
        return values
    text = values[0].strip()
    if text[:1] in {"[", "{"}:
        try:
            return json.loads(text, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            return text
    if kind == "text or list":
        return values[0]  # the parameter's own rule says what stands between its parts
    return [part.strip() for part in text.split(",") if part.strip()] if kind == "array" else text


def _decoded(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        raise BadRequest("The form is not UTF-8") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _unstorable(value: Any, where: str, depth: int) -> str | None:
    """What no database keeps: a text with NUL or with half a surrogate pair; or what is nested too deeply."""
    if isinstance(value, str):
        return _unstorable_text(value, where)
    if depth > MAX_DEPTH:
        return f"{where}: nested deeper than {MAX_DEPTH} levels"
    for name, part in _members(value):
        place = f"{where}.{name}" if where else name
        found = _unstorable_text(name, "a name") or _unstorable(part, place, depth + 1)
        if found is not None:
            return found
    return None


def _unstorable_text(text: str, where: str) -> str | None:
    if "\x00" in text:
        return f"{where}: holds a NUL character"
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        return f"{where}: holds half a surrogate pair"
    return None


def _members(value: Any) -> Iterable[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return [(str(name), part) for name, part in value.items()]
    if isinstance(value, list):
        return [(str(index), part) for index, part in enumerate(value)]
    return ()


def _sentences(error: ValidationError) -> str:
    problems = error.errors(include_url=False, include_input=False)
    sentences = [_sentence(problem) for problem in problems[:_SHOWN_PROBLEMS]]
    if len(problems) > _SHOWN_PROBLEMS:
        sentences.append(f"and {len(problems) - _SHOWN_PROBLEMS} more")
    return "; ".join(sentences)


def _path(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "the parameters"


def _sentence(problem: ErrorDetails) -> str:
    """What is wrong and, behind a semicolon, what to send instead."""
    found = shape_problem(_path(problem["loc"]), problem["type"], problem["msg"], problem.get("ctx"))
    parts = [part[:1].lower() + part[1:] for part in (found.problem, found.remedy) if part]
    return f"{found.field}: {'; '.join(parts)}"
