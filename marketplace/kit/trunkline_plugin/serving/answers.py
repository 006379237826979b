"""The protocol's answers, in its words."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from pydantic_core import to_json
from starlette.responses import Response


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return json_answer(body_text(body), status, headers)


def body_text(body: Any) -> bytes:
    return to_json(body, inf_nan_mode="null", by_alias=True)


def json_answer(content: bytes | str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(content, status, headers, media_type="application/json")


def not_found() -> Response:
    return Response(status_code=404)


def failed(message: str, trace_id: str | None = None, status: int = 200) -> Response:
    body: dict[str, Any] = {"result": False, "data": None, "message": message}
    return answer(body if trace_id is None else {**body, "trace_id": trace_id}, status)


def told_time(seconds: float | None, offset_hours: int) -> str:
    """As the protocol tells times: no zone, no fractions; empty where there is none."""
    if seconds is None:
        return ""
    return datetime.fromtimestamp(seconds, timezone(timedelta(hours=offset_hours))).strftime("%Y-%m-%d %H:%M:%S")
