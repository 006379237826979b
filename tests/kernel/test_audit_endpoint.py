"""Reading the audit log over HTTP."""

import httpx
import pytest
from fastapi import FastAPI

from kernel.audit.chain import seal_batch
from kernel.audit.endpoints import router
from kernel.audit.lines import check_lines
from kernel.audit.log import record
from kernel.db.database import Database
from kernel.http.problems import install_problem_handlers
from kernel.principal import system_principal
from tests.support.contracts import ADMIN, HeaderAuthenticator, RuleAuthorizer


def _client(database: Database, name: str) -> httpx.AsyncClient:
    app = FastAPI()
    app.state.database = database
    app.state.authenticator = HeaderAuthenticator()
    app.state.authorizer = RuleAuthorizer()
    app.include_router(router)
    install_problem_handlers(app)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test", headers={"Authorization": f"Bearer {name}"}
    )


@pytest.mark.parametrize(
    "filtered", ["action", "actor", "on_behalf_of", "kind", "resource", "task", "project", "request"]
)
@pytest.mark.parametrize("name", [ADMIN, "ann"])
async def test_a_filter_no_database_can_compare_with_is_refused(database: Database, filtered: str, name: str) -> None:
    async with _client(database, name) as client:
        answer = await client.get("/audit", params={filtered: "a\0"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, filtered)


async def test_filters_narrow_the_list(database: Database) -> None:
    async with database.unit_of_work() as session:
        record(session, system_principal("one"), "thing.made", "thing", "1")
        record(session, system_principal("two"), "thing.lost", "thing", "1")
    async with _client(database, ADMIN) as client:
        found = (await client.get("/audit", params={"resource": "1", "action": "thing.lost"})).json()
    assert [each["actor"] for each in found["items"]] == ["two"]


async def test_records_are_found_by_when_what_and_the_beginning_of_an_action(database: Database) -> None:
    async with database.unit_of_work() as session:
        for action in ("thing.made", "thing.lost", "thing%.x", "things.made"):
            record(session, system_principal("one"), action, action, "1")
    async with _client(database, ADMIN) as client:

        async def actions(**query: str) -> list[str]:
            answer = await client.get("/audit", params=query)
            assert answer.status_code == 200, answer.text
            return [each["action"] for each in answer.json()["items"]]

        assert sorted(await actions(action="thing.")) == ["thing.lost", "thing.made"]
        assert await actions(action="thing%.") == ["thing%.x"]
        assert await actions(kind="things.made") == ["things.made"]
        assert await actions(until="2026-01-01T00:00:00Z") == []
        assert len(await actions(since="2026-01-01T00:00:00+08:00")) == 4
        refused = await client.get("/audit", params={"since": "2026-01-01T00:00:00"})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "since")


async def test_an_export_continues_behind_a_record_and_is_for_auditors_of_the_whole(database: Database) -> None:
    async with database.unit_of_work() as session:
        for number in range(3):
            record(session, system_principal("one"), "thing.made", "thing", str(number))
    async with database.unit_of_work() as session:
        await seal_batch(session)
    async with _client(database, ADMIN) as client:
        whole = (await client.get("/audit/export")).text.splitlines()
        rest = (await client.get("/audit/export", params={"after": 2})).text.splitlines()
        told = (await client.get("/audit/verification")).json()
        kept = (await client.get("/audit/verification", params={"anchor": told["anchor"]})).json()
        lost = (await client.get("/audit/verification", params={"anchor": f"2:{'0' * 64}"})).json()
        assert (await client.get("/audit/verification", params={"anchor": "x"})).status_code == 422
    assert (len(whole), whole[2:]) == (3, rest)
    assert str(check_lines(whole, None).last) == told["anchor"]
    assert (kept["holds"], lost["holds"], lost["breaks"][0][:2]) == (True, False, "2:")
    async with _client(database, "ann") as client:
        assert (await client.get("/audit/export")).status_code == 403
