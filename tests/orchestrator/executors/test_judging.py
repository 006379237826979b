from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from orchestrator.executors.judging import ConsentLack, Refusal, Terms, consented, told
from orchestrator.flow.executors import Standing

NOW = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
HERE = Standing("f", 3)
GOOD = Terms("f", 3, frozenset({"cmdb.find"}), NOW + timedelta(days=1))


def test_a_consent_to_the_flow_its_revision_or_the_project_covers_a_node() -> None:
    for terms in (GOOD, replace(GOOD, revision=None), replace(GOOD, flow_id="", revision=None)):
        assert consented([terms], HERE, NOW) == {"cmdb.find"}


def test_a_consent_to_a_flow_is_none_to_its_draft_and_one_to_the_project_is() -> None:
    draft = Standing("f", 0)
    refused = consented([replace(GOOD, revision=None)], draft, NOW)
    assert isinstance(refused, Refusal)
    assert "ann has consented to published revisions of the flow 'Deploy' alone" in told(refused, "ann", "Deploy")
    assert consented([replace(GOOD, flow_id="", revision=None)], draft, NOW) == {"cmdb.find"}


def test_consents_that_hold_add_up_and_others_take_nothing_away() -> None:
    more = replace(GOOD, flow_id="", revision=None, scopes=frozenset({"job.run"}))
    over = replace(GOOD, scopes=frozenset({"notify.send"}), expires_at=NOW)
    assert consented([over, GOOD, more], HERE, NOW) == {"cmdb.find", "job.run"}


@pytest.mark.parametrize(
    ("terms", "lack", "words"),
    [
        (None, ConsentLack.NEVER, "has not consented"),
        (replace(GOOD, flow_id="other"), ConsentLack.NEVER, "has not consented"),
        (replace(GOOD, revoked_at=NOW), ConsentLack.REVOKED, "has revoked"),
        (replace(GOOD, expires_at=NOW), ConsentLack.EXPIRED, "until 2026-01-02 03:04 UTC"),
        (replace(GOOD, revision=2), ConsentLack.REVISION, "to revision 2 of the flow 'Deploy' alone"),
    ],
)
def test_without_one_that_holds_it_is_told_what_lacks(terms: Terms | None, lack: ConsentLack, words: str) -> None:
    found = consented([] if terms is None else [terms], HERE, NOW)
    assert isinstance(found, Refusal)
    assert found.lack is lack
    text = told(found, "ann", "Deploy")
    assert text.startswith("ann ")
    assert words in text
    assert "ask ann to consent" in text
