"""The library of scripts."""

import base64
from typing import Any

from sqlalchemy import select

from adapters.job.service.scripts.models import JobScriptVersion
from kernel.db.database import Database
from tests.adapters.job.conftest import HERE, SCOPE, Jobs

TARGET = {"ip_list": [{"ip": HERE.ip}]}


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


async def _created(jobs: Jobs, content: str, **params: Any) -> dict[str, Any]:
    asked = {**SCOPE, "name": "greet", "version": "1.0", "content": _encoded(content), **params}
    return dict(await jobs.gateway.data("create_script", asked))


async def _version(jobs: Jobs, script_id: str, version: str, content: str) -> dict[str, Any]:
    asked = {**SCOPE, "script_id": script_id, "version": version, "content": _encoded(content)}
    return dict(await jobs.gateway.data("create_script_version", asked))


async def _published(jobs: Jobs, made: dict[str, Any]) -> None:
    asked = {**SCOPE, "script_id": made["script_id"], "script_version_id": made["id"]}
    await jobs.gateway.data("publish_script_version", asked)


async def _said(jobs: Jobs, **named: Any) -> str:
    asked = {**SCOPE, "target_server": TARGET, **named}
    executed = await jobs.gateway.data("fast_execute_script", asked)
    await jobs.ended(executed)
    return str((await jobs.log(executed))["log_content"])


async def _refused(jobs: Jobs, **named: Any) -> str:
    answer = await jobs.gateway.call("fast_execute_script", {**SCOPE, "target_server": TARGET, **named})
    assert answer["result"] is False
    return str(answer["message"])


async def test_a_scripts_id_runs_its_online_version_and_a_versions_id_that_one(jobs: Jobs) -> None:
    first = await _created(jobs, "print('one')", script_language="python")
    script = first["script_id"]
    assert "no version of" in await _refused(jobs, script_id=script)
    assert "is a draft or disabled" in await _refused(jobs, script_version_id=first["id"])
    await _published(jobs, first)
    assert await _said(jobs, script_id=script, script_language=1) == "one\n"
    second = await _version(jobs, script, "1.1", "print('two')")
    assert await _said(jobs, script_id=script) == "one\n"
    await _published(jobs, second)
    assert await _said(jobs, script_id=script, script_content=_encoded("echo three")) == "two\n"
    assert await _said(jobs, script_version_id=first["id"], script_id=script) == "one\n"
    (listed,) = (await jobs.gateway.data("get_script_list", {**SCOPE, "name": "reet"}))["data"]
    assert (listed["id"], listed["online_script_version_id"]) == (script, second["id"])
    versions = await jobs.gateway.data("get_script_version_list", {**SCOPE, "script_id": script})
    assert [(one["version"], one["status"]) for one in versions["data"]] == [("1.1", 1), ("1.0", 2)]


async def test_a_disabled_version_runs_and_comes_back_no_more(idle_jobs: Jobs) -> None:
    made = await _created(idle_jobs, "true")
    await _published(idle_jobs, made)
    asked = {**SCOPE, "script_id": made["script_id"], "script_version_id": made["id"]}
    await idle_jobs.gateway.data("disable_script_version", asked)
    assert "is a draft or disabled" in await _refused(idle_jobs, script_version_id=made["id"])
    assert "no version of" in await _refused(idle_jobs, script_id=made["script_id"])
    answer = await idle_jobs.gateway.call("publish_script_version", asked)
    assert "was disabled for good" in answer["message"]


async def test_names_and_versions_are_taken_once(idle_jobs: Jobs) -> None:
    made = await _created(idle_jobs, "true")
    again = {**SCOPE, "name": "greet", "version": "2", "content": _encoded("x")}
    assert "name: greet exists" in (await idle_jobs.gateway.call("create_script", again))["message"]
    same = {**SCOPE, "script_id": made["script_id"], "version": "1.0", "content": _encoded("x")}
    assert "version: 1.0 exists" in (await idle_jobs.gateway.call("create_script_version", same))["message"]


async def test_a_script_is_of_its_scope_alone_and_sealed(idle_jobs: Jobs, database: Database) -> None:
    made = await _created(idle_jobs, "echo topsecret")
    await _published(idle_jobs, made)
    detail = await idle_jobs.gateway.data("get_script_version_detail", {**SCOPE, "id": made["id"]})
    assert detail["content"] == "echo topsecret"
    other = {"bk_scope_type": "biz", "bk_scope_id": "3"}
    assert (await idle_jobs.gateway.call("get_script_version_detail", {**other, "id": made["id"]}))["result"] is False
    assert "has no script version" in await _refused(idle_jobs, script_id=made["script_id"], **other)
    assert (await idle_jobs.gateway.data("get_script_list", other))["total"] == 0
    async with database.reading() as session:
        (version,) = (await session.execute(select(JobScriptVersion))).scalars()
    assert "topsecret" not in version.content_sealed


async def test_the_rules_hold_for_scripts_of_the_library_too(idle_jobs: Jobs) -> None:
    made = await _created(idle_jobs, "reboot")
    await _published(idle_jobs, made)
    await idle_jobs.gateway.data("create_dangerous_rule", {"expression": "^reboot", "description": "stops the machine"})
    assert "is refused as dangerous" in await _refused(idle_jobs, script_version_id=made["id"])
