"""Errors as RFC 9457 problem documents."""

from typing import Any

from kernel.errors import FieldProblem, TrunklineError
from kernel.wording import plain

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
        document["errors"] = [field_document(field) for field in error.fields]
    return document


def field_document(field: FieldProblem) -> dict[str, Any]:
    """One wrong field; with `code` and `params` where its sentence has one."""
    said = {"field": field.field, "problem": field.problem, "remedy": field.remedy}
    return said | {"code": field.code, "params": plain(field.params)} if field.code else said
