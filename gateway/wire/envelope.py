"""The ESB envelope around an upstream's answer. Values pass as they stood; only what is missing is added."""

import json

from gateway.wire.codes import ESB_BACKEND_FAILED, ESB_GENERIC, ESB_SUCCESS
from gateway.wire.json_members import members_of, object_of, require_json

_GOOD = range(200, 300)


def enveloped(status: int, body: bytes, request_id: str, backend: str) -> bytes:
    """The body to answer with HTTP 200.

    An answer that is already an envelope (it has ``result``) keeps its members and gets ``code``, ``message``,
    ``data`` and ``request_id`` where they are missing. Another JSON answer becomes ``data``. An error or an answer
    that is not JSON becomes code 1306201, with a message that names the backend.
    """
    try:
        text = body.decode()
        members = members_of(text) if text.lstrip().startswith("{") else None
        if members is None:
            require_json(text)
    except ValueError:
        return _failed(backend, request_id, f"Status Code: {status}, the answer is not JSON")
    if members is not None:
        names = {name: value for name, value in members}  # noqa: C416 - the last of a repeated name counts
        if "result" in names:
            return _completed(members, names, request_id)
    if status not in _GOOD:
        return _failed(backend, request_id, f"Status Code: {status}")
    return _object([("result", "true"), ("code", "0"), ("message", '""'), ("data", text.strip())], request_id)


def _completed(members: list[tuple[str, str]], names: dict[str, str], request_id: str) -> bytes:
    good = names["result"] == "true"
    defaults = [("code", str(ESB_SUCCESS if good else ESB_GENERIC)), ("message", '""'), ("data", "null")]
    added = [(name, value) for name, value in defaults if name not in names]
    kept = [(name, value) for name, value in members if name != "request_id"]
    return _object([*kept, *added], request_id)


def _failed(backend: str, request_id: str, problem: str) -> bytes:
    message = f"Request to the backend failed [{backend}]: {problem}"
    return _object(
        [("result", "false"), ("code", str(ESB_BACKEND_FAILED)), ("message", json.dumps(message)), ("data", "null")],
        request_id,
    )


def _object(members: list[tuple[str, str]], request_id: str) -> bytes:
    return object_of([*members, ("request_id", json.dumps(request_id))]).encode()
