"""Bodies of the protocol's calls, and what is wrong with them in the words clients of bk-plugin-framework know."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

DATA_APIS = "/bk_plugin/plugin_api/"
_MISSING = ("该字段是必填项。", "required")
_NULL = ("该字段不能为 null。", "null")
_BLANK = ("该字段不能为空。", "blank")


class WrongType(Exception):
    """The body is of a kind that isn't read; the message is that kind."""


class NotJson(Exception):
    """The body can't be read; the message says where it ends to be JSON."""


class ParametersInvalid(Exception):
    """The message names each wrong field."""

    def __init__(self, problems: Mapping[str, tuple[str, str]]) -> None:
        told = ", ".join(
            f"{name!r}: [ErrorDetail(string={text!r}, code={code!r})]" for name, (text, code) in problems.items()
        )
        super().__init__(f"输入不合法: {{{told}}}")


@dataclass(frozen=True, slots=True)
class Invocation:
    inputs: dict[str, Any]
    context: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A call of a data API that a flow engine makes for a form."""

    url: str
    method: str
    username: str
    data: dict[str, Any] = field(default_factory=dict)


def read_typed_json(content_type: str, body: bytes) -> Any:
    """Raises WrongType, NotJson: the body can't be read."""
    if not is_json(content_type):
        raise WrongType(content_type)
    return read_json(body)


def is_json(content_type: str) -> bool:
    """Pages of others can't send this kind to a plugin that is served on the same machine; they can others."""
    return content_type.partition(";")[0].strip().lower() == "application/json"


def read_json(body: bytes) -> Any:
    """An empty body is no parameters.

    Raises:
        NotJson: see there.
    """
    if not body:
        return {}
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotJson(f"JSON parse error - {error}") from error


def read_invocation(given: Any) -> Invocation:
    """Raises ParametersInvalid: `inputs` or `context` is missing, or no object."""
    problems = {}
    for name in ("inputs", "context"):
        problem = _dictionary_problem(_object(given).get(name, ...))
        if problem is not None:
            problems[name] = problem
    if problems:
        raise ParametersInvalid(problems)
    return Invocation(given["inputs"], given["context"])


def read_dispatch(given: Any) -> Dispatch:
    """Raises ParametersInvalid: naming each wrong field."""
    found = _object(given)
    problems = {name: problem for name in ("url", "method", "username") if (problem := _text_problem(found, name))}
    if "url" not in problems and not found["url"].startswith(DATA_APIS):
        problems["url"] = (f"url must starts with '{DATA_APIS}'", "invalid")
    if "method" not in problems and found["method"].lower() not in {"get", "post"}:
        problems["method"] = (f"not supported method: {found['method']}, only support get and post method", "invalid")
    data = found.get("data", {})
    problem = _dictionary_problem(data)
    if problem is not None:
        problems["data"] = problem
    if problems:
        raise ParametersInvalid(problems)
    return Dispatch(found["url"], found["method"].upper(), found["username"], {**data, **_dumped(found)})


def _object(given: Any) -> dict[str, Any]:
    if isinstance(given, dict):
        return given
    problem = f"无效数据。期待为字典类型，得到的是 {type(given).__name__} 。"
    raise ParametersInvalid({"non_field_errors": (problem, "invalid")})


def _dictionary_problem(value: Any) -> tuple[str, str] | None:
    if value is ...:
        return _MISSING
    if value is None:
        return _NULL
    if not isinstance(value, dict):
        return f"期望是包含类目的字典，得到类型为 “{type(value).__name__}”。", "not_a_dict"
    return None


def _text_problem(found: dict[str, Any], name: str) -> tuple[str, str] | None:
    value = found.get(name, ...)
    if value is ...:
        return _MISSING
    if value is None:
        return _NULL
    if not isinstance(value, str):
        return "不是有效的字符串。", "invalid"
    return None if value.strip() else _BLANK


def _dumped(found: dict[str, Any]) -> dict[str, Any]:
    text = found.get("dumped_data")
    if not text:
        return {}
    try:
        data = json.loads(text)
    except (TypeError, ValueError, RecursionError) as error:
        raise ParametersInvalid({"dumped_data": (f"JSON parse error - {error}", "invalid")}) from error
    problem = _dictionary_problem(data)
    if problem is not None:
        raise ParametersInvalid({"dumped_data": problem})
    return data
