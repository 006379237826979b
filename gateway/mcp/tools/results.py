"""What an agent is told of an answer: its text, its structure where the tool declares one, pictures and sound.

Texts pass as they came, so that numbers stay exact; a long one is cut, and says so.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mcp_types import AudioContent, CallToolResult, ContentBlock, ImageContent, TextContent

from kernel.forms.data import SchemaUnusable, validate_data

MAX_TEXT = 256 * 1024
"""Signs of an answer that an agent gets; its context holds little more."""

_FIRST_ERROR = 400


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back through the gateway.

    Attributes:
        truncated: `body` is the beginning of a longer one.
    """

    label: str
    status: int
    content_type: str
    body: bytes
    request_id: str
    truncated: bool = False

    @property
    def is_error(self) -> bool:
        return self.status >= _FIRST_ERROR

    @property
    def media_type(self) -> str:
        return self.content_type.partition(";")[0].strip().lower()


def failed(text: str) -> CallToolResult:
    """A tool error: the agent reads it and may try otherwise."""
    return CallToolResult(content=[TextContent(text=text)], is_error=True)


def result_of(answer: Answer, output_schema: Mapping[str, Any] | None) -> CallToolResult:
    """The result of a tool with flat arguments."""
    if answer.is_error:
        text, note = _bounded(answer)
        said = f"{answer.label} answered HTTP {answer.status} (request {answer.request_id}): {text or 'nothing'}"
        return failed(f"{said}\n{note}" if note else said)
    medium = _medium(answer)
    if medium is not None:
        return CallToolResult(content=[medium])
    text, note = _bounded(answer)
    content: list[ContentBlock] = [TextContent(text=text)]
    if note:
        content.append(TextContent(text=note))
    if output_schema is None:
        return CallToolResult(content=content)
    value, problem = _structured(answer, output_schema, is_whole=not note)
    if problem:
        content.append(TextContent(text=f"{answer.label} answered other than it declares: {problem}"))
        return CallToolResult(content=content, is_error=True)
    return CallToolResult(content=content, structured_content=value)


def result_in_parts(answer: Answer, *, raw: bool) -> CallToolResult:
    """The result in BlueKing's shape.

    Args:
        raw: the answer alone, where the server is set so.
    """
    text, note = _bounded(answer)
    notes: list[ContentBlock] = [TextContent(text=note)] if note else []
    if raw:
        return CallToolResult(content=[TextContent(text=text), *notes], is_error=answer.is_error)
    value = None if note else _json(answer.body)
    whole = {
        "status_code": answer.status,
        "request_id": answer.request_id,
        "trace_id": answer.request_id,
        "x_request_id": answer.request_id,
        "response_body": text if value is _NO_JSON or note else value,
    }
    told = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    return CallToolResult(content=[TextContent(text=told), *notes], structured_content=whole, is_error=answer.is_error)


_NO_JSON: Any = object()


def _medium(answer: Answer) -> ContentBlock | None:
    kind = answer.media_type
    if answer.truncated or not kind.startswith(("image/", "audio/")) or kind == "image/svg+xml":
        return None
    data = base64.b64encode(answer.body).decode("ascii")
    if kind.startswith("image/"):
        return ImageContent(data=data, mime_type=kind)
    return AudioContent(data=data, mime_type=kind)


def _bounded(answer: Answer) -> tuple[str, str]:
    """The text, and a note when it isn't all of it."""
    try:
        text = answer.body.decode("utf-8", "strict" if not answer.truncated else "replace")
    except UnicodeDecodeError:
        kind = answer.media_type or "of no declared type"
        return "", f"The answer is no text: {len(answer.body)} bytes, {kind}"
    if not answer.truncated and len(text) <= MAX_TEXT:
        return text, ""
    return text[:MAX_TEXT], (
        f"The answer is longer than the {MAX_TEXT} signs shown here; ask for less, by a page, a filter or fewer fields"
    )


def _structured(answer: Answer, schema: Mapping[str, Any], *, is_whole: bool) -> tuple[dict[str, Any] | None, str]:
    value = _json(answer.body) if is_whole else _NO_JSON
    if not isinstance(value, dict):
        return None, "it is cut" if not is_whole else "it is no JSON object"
    try:
        problems = validate_data(schema, value, "")
    except SchemaUnusable:
        return None, "its declared shape is no JSON Schema"
    if problems:
        return None, "; ".join(f"{each.field} {each.problem}" for each in problems[:3])
    return value, ""


def _json(body: bytes) -> Any:
    try:
        return json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return _NO_JSON


def _refuse(name: str) -> Any:
    raise ValueError(name)
