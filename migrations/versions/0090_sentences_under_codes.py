"""reasons of submissions and notes of converted forms stand under the codes of their sentences

Revision ID: 0090
Revises: 0089
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0090"
down_revision = "0089"
branch_labels = None
depends_on = None

_SUBMISSIONS = sa.table("marketplace_submission", sa.column("id", sa.String), sa.column("reasons", sa.JSON))
_SCRIPTS = sa.table("marketplace_form_script", sa.column("version_id", sa.String), sa.column("report", sa.Text))
_SEVERAL = frozenset({"left_out", "sent", "parts", "names"})

_REASONS: Mapping[str, str] = {
    "growth.scope": r"asks for (?P<scope>.+)",
    "growth.code": r"brings code, which the one before did not",
    "growth.system": r"is done by (?P<system>\S+) instead of (?P<before>\S+)",
    "growth.elsewhere": r"is done by a service elsewhere, which the one before was not",
    "growth.first": r"is a first version",
    "growth.new": r"is a new version",
}
_NOTES: Mapping[str, str] = {
    "form_note.tag": r"no tag of BlueKing's forms; its value is filled in as JSON",
    "form_note.attribute": r"is no attribute of (?P<tag>.+)",
    "form_note.asks_object": r"asks given as an object",
    "form_note.asks": r"asks (?P<address>.+)",
    "form_note.context": r"depends on where the form is filled in",
    "form_note.value": r"has a value no form takes",
    "form_note.cookies": r"nobody's cookies go anywhere: files are sent with a token of the project",
    "form_note.mini_map": r"no small picture of the text is drawn beside it",
    "form_note.sealing_key": r"is no RSA key, and by none of another kind \(SM2\) is anything sealed: .+",
    "form_note.headers": r"(?P<left_out>.+) not sent, only (?P<sent>.+)",
    "form_note.validation": r"is no kind of validation",
    "form_note.pattern": r"a pattern only JavaScript can match",
    "form_note.action": r"has no action",
    "form_note.event": r"an event of the form's own",
    "form_note.draws": r"draws on a page of its own, shown in a frame",
    "form_note.draws_with": r"draws on a page of its own, shown in a frame: (?P<parts>.+)",
    "form_note.nothing_in_context": r"is nothing \$\.context has",
    "form_note.not_in_context": r"(?P<names>.+) is nothing \$\.context has",
    "form_note.jquery": r"is no part of jQuery that forms are given",
    "form_note.not_sent": r"was not sent",
}


def upgrade() -> None:
    _rewrite(lambda reason: _said(reason, _REASONS), lambda note: _said(note, _NOTES) if note else None)


def downgrade() -> None:
    _rewrite(lambda reason: reason["text"], lambda note: note["text"] if note else "")


def _rewrite(reason: Callable[[Any], Any], note: Callable[[Any], Any]) -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(_SUBMISSIONS.c.id, _SUBMISSIONS.c.reasons)).all():
        reasons = [reason(each) for each in row.reasons]
        connection.execute(sa.update(_SUBMISSIONS).where(_SUBMISSIONS.c.id == row.id).values(reasons=reasons))
    for (version,) in connection.execute(sa.select(_SCRIPTS.c.version_id)).all():
        mine = _SCRIPTS.c.version_id == version
        report = json.loads(connection.execute(sa.select(_SCRIPTS.c.report).where(mine)).scalar_one())
        for finding in report["report"]["findings"]:
            finding["note"] = note(finding["note"])
        kept = json.dumps(report, ensure_ascii=False)
        connection.execute(sa.update(_SCRIPTS).where(mine).values(report=kept))


def _said(text: str, sentences: Mapping[str, str]) -> dict[str, Any]:
    for code, sentence in sentences.items():
        match = re.fullmatch(sentence, text, re.DOTALL)
        if match is not None:
            named = match.groupdict().items()
            params = {name: value.split(", ") if name in _SEVERAL else value for name, value in named}
            return {"text": text, "code": code, "params": params}
    return {"text": text, "code": "", "params": {}}
