"""Errors as RFC 9457 problem documents."""

from typing import Any

from kernel.errors import TrunklineError

MEDIA_TYPE = "application/problem+json"


def problem_document(error: TrunklineError, request_id: str) -> dict[str, Any]:
    """The body of an error answer: RFC 9457 members plus `code`, `request_id` and, for wrong fields, `errors`."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        "request_id": request_id,
    }
    if error.fields:
        document["errors"] = [
            {"field": field.field, "problem": field.problem, "remedy": field.remedy} for field in error.fields
        ]
    return document
