"""Approving for days, without end, or until an exact moment."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.management import Management, document


async def _applied(management: Management, days: int | None = 180) -> str:
    await management.import_system(document())
    await management.app_with_secret("shop")
    wish = {"app_code": "shop", "system": "cmdb", "components": ["list_hosts"], "days": days}
    grant: str = (await management.client.post("/v1/grants", json=wish)).json()["items"][0]["id"]
    return grant


def _may(management: Management) -> bool:
    now = management.clock.now().timestamp()
    return management.holder.current.apps["shop"].may_call("cmdb", "cmdb.list_hosts", now)


def _at(management: Management, **delta: float) -> str:
    return (management.clock.now() + timedelta(**delta)).isoformat()


@pytest.mark.parametrize(
    ("asked", "decision", "lasting"),
    [
        (180, None, 180),
        (360, {}, 360),
        (None, {"comment": "fine"}, None),
        (180, {"days": 360}, 360),
        (180, {"days": None}, None),
        (360, {"expires_at": None}, 360),
    ],
)
async def test_a_grant_holds_for_the_days_decided_else_for_those_asked(
    management: Management, asked: int | None, decision: dict[str, Any] | None, lasting: int | None
) -> None:
    grant = await _applied(management, asked)
    approved = (await management.client.post(f"/v1/grants/{grant}:approve", json=decision)).json()
    if lasting is None:
        assert approved["expires_at"] is None
    else:
        ends = management.clock.now() + timedelta(days=lasting)
        assert datetime.fromisoformat(approved["expires_at"]) == ends


async def test_a_grant_may_end_within_seconds(management: Management) -> None:
    grant = await _applied(management)
    decided = await management.client.post(
        f"/v1/grants/{grant}:approve", json={"expires_at": _at(management, seconds=2)}
    )
    assert (decided.status_code, decided.json()["live"]) == (200, True)
    assert _may(management)
    management.clock.advance(seconds=1.9)
    assert _may(management)
    management.clock.advance(seconds=0.2)
    assert not _may(management)
    assert (await management.client.get(f"/v1/grants/{grant}")).json()["state"] == "expired"


async def test_an_end_of_now_is_accepted_and_permits_nothing(management: Management) -> None:
    grant = await _applied(management)
    decided = await management.client.post(f"/v1/grants/{grant}:approve", json={"expires_at": _at(management)})
    assert (decided.status_code, decided.json()["state"]) == (200, "expired")
    assert not _may(management)


async def test_an_end_is_understood_in_any_offset(management: Management) -> None:
    grant = await _applied(management)
    sent = {"expires_at": "2026-01-03T08:00:00+08:00"}
    decided = (await management.client.post(f"/v1/grants/{grant}:approve", json=sent)).json()
    assert datetime.fromisoformat(decided["expires_at"]) == datetime.fromisoformat("2026-01-03T00:00:00+00:00")


@pytest.mark.parametrize(
    "decision",
    [
        {"expires_at": "2026-01-02T03:04:04Z"},
        {"expires_at": "1970-01-01T00:00:00Z"},
        {"expires_at": "2027-01-01T00:00:00"},
        {"expires_at": "tomorrow"},
        {"expires_at": "9999-12-31T23:59:59-23:00"},
        {"expires_at": "2027-01-01T00:00:00Z", "days": 180},
    ],
)
async def test_an_end_that_makes_no_sense_is_named_and_decides_nothing(
    management: Management, decision: dict[str, Any]
) -> None:
    grant = await _applied(management)
    refused = await management.client.post(f"/v1/grants/{grant}:approve", json=decision)
    assert refused.status_code == 422
    assert [problem["field"] for problem in refused.json()["errors"]] == ["expires_at"]
    seen = (await management.client.get(f"/v1/grants/{grant}")).json()
    assert (seen["state"], seen["decided_by"], seen["expires_at"]) == ("applied", None, None)
    assert not _may(management)
