"""Answers of `data` or `error` in the envelope of BlueKing's components; the data passes as it stood."""

import json

from gateway.dataplane.answer import Answer
from gateway.dataplane.call import Call
from gateway.wire.codes import ESB_BACKEND_FAILED
from gateway.wire.json_members import members_of, object_of

_OK = 200
_GOOD = range(_OK, 300)


def put_into_envelope(call: Call, answer: Answer) -> None:  # noqa: ARG001 - a hook; the same for every call
    """Refusals of the gateway's own stay as they are."""
    if answer.refusal is not None or not answer.body:
        return
    try:
        members = dict(members_of(answer.body.decode()))
    except ValueError:
        return
    if "result" in members:
        return
    if "error" in members:
        told = [("result", "false"), ("code", str(ESB_BACKEND_FAILED)), ("message", _message(members["error"]))]
        told.append(("data", members.get("data", "null")))
    elif "data" in members and answer.status in _GOOD:
        told = [("result", "true"), ("code", "0"), ("message", '""'), ("data", members["data"])]
    else:
        return
    answer.status, answer.body, answer.length = _OK, object_of(told).encode(), None


def _message(error: str) -> str:
    """`code: message`, as JSON."""
    value = json.loads(error, parse_int=str, parse_float=str)
    if not isinstance(value, dict):
        return json.dumps(str(value))
    said = [str(value[name]) for name in ("code", "message") if value.get(name)]
    return json.dumps(": ".join(said))
