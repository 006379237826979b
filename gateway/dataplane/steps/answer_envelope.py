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
        told = _refused(members["error"], members.get("data"))
    elif "data" in members and answer.status in _GOOD:
        told = [("result", "true"), ("code", "0"), ("message", '""'), ("data", members["data"])]
    else:
        return
    answer.status, answer.body, answer.length = _OK, object_of(told).encode(), None


def _refused(error: str, data: str | None) -> list[tuple[str, str]]:
    """The message is `code: message`; data of the error's own is the answer's where there is no other."""
    told = dict(members_of(error)) if error.startswith("{") else {"message": error}
    said = [_text(told[name]) for name in ("code", "message") if told.get(name, "null") != "null"]
    kept = data if data is not None else told.get("data", "null")
    code = str(ESB_BACKEND_FAILED)
    return [("result", "false"), ("code", code), ("message", json.dumps(": ".join(said))), ("data", kept)]


def _text(raw: str) -> str:
    """A text without its quotes, everything else as its source."""
    return str(json.loads(raw)) if raw.startswith('"') else raw
