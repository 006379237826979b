"""When people are reminded of an end: pure arithmetic, and what the sweep makes of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.access.grants.reminders import next_reminder
from tests.support.management import Management, document

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@given(st.integers(-400, 400), st.lists(st.integers(1, 90), max_size=5))
def test_the_next_reminder_lies_ahead_and_is_one_of_those_planned(days: int, before: list[int]) -> None:
    ends = NOW + timedelta(days=days)
    planned = {ends - timedelta(days=each) for each in before}
    ahead = {moment for moment in planned if moment > NOW}
    assert next_reminder(ends, before, NOW) == (min(ahead) if ahead else None)


def test_without_an_end_nobody_is_reminded() -> None:
    assert next_reminder(None, (30, 7, 1), NOW) is None


async def _sweep(management: Management) -> None:
    async with management.kernel.database.unit_of_work() as session:
        await management.unit.services.grants.expire_due(session)


async def _steps(management: Management, application: str) -> list[str]:
    found: dict[str, Any] = (await management.client.get(f"/v1/applications/{application}")).json()
    return [event["step"] for event in found["history"]]


async def test_each_reminder_goes_out_once_and_missed_ones_together(management: Management) -> None:
    await management.import_system(document())
    await management.app_with_secret("shop")
    grant = await management.granted("shop", "cmdb", ["list_hosts"])
    application = (await management.client.get(f"/v1/grants/{grant}")).json()["application_id"]
    for days, expected in ((149, 0), (1, 1), (0, 1), (1, 1), (28.5, 2), (0, 2), (1, 2)):
        management.clock.advance(days=days)
        await _sweep(management)
        assert (await _steps(management, application)).count("reminded") == expected, days
    assert (await _steps(management, application))[-1] == "expired"


async def test_rules_that_change_count_for_grants_that_run(management: Management) -> None:
    await management.import_system(document())
    await management.app_with_secret("shop")
    grant = await management.granted("shop", "cmdb", ["list_hosts"])
    application = (await management.client.get(f"/v1/grants/{grant}")).json()["application_id"]
    await management.client.patch("/v1/systems/cmdb/grant-rules", json={"reminder_days": [90]})
    management.clock.advance(days=91)
    await _sweep(management)
    assert (await _steps(management, application)).count("reminded") == 1
    management.clock.advance(days=88)
    await _sweep(management)
    assert (await _steps(management, application)).count("reminded") == 1
