"""Reading the audit log over HTTP."""

import httpx
import pytest
from fastapi import FastAPI

from kernel.audit.endpoints import router
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


@pytest.mark.parametrize("filtered", ["action", "actor", "resource", "task", "project"])
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
