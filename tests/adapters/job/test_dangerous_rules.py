"""What scripts must not say."""

import base64
from typing import Any

import pytest
from sqlalchemy import select

from adapters.job.service.models import JobStep
from adapters.job.service.rules.matching import Rule, RuleAction, findings
from kernel.audit.models import AuditRecord
from kernel.db.database import Database
from tests.adapters.job.conftest import Jobs, execution
from tests.adapters.kinds import one_database

WIPE = {"expression": r"^\s*rm\s+-rf\s+/(\s|$)", "description": "wipes the machine"}


async def _made(jobs: Jobs, **params: Any) -> int:
    return int((await jobs.gateway.data("create_dangerous_rule", {**WIPE, **params}))["id"])


async def test_a_script_that_a_rule_refuses_is_not_taken_on(idle_jobs: Jobs, database: Database) -> None:
    rule = await _made(idle_jobs)
    answer = await idle_jobs.gateway.call("fast_execute_script", execution("cd /tmp\nrm  -rf /\n"))
    named = f"script_content: line 2 is refused as dangerous by rule {rule}: wipes the machine"
    assert (answer["result"], answer["message"]) == (False, named)
    async with database.reading() as session:
        assert (await session.execute(select(JobStep))).first() is None
    await idle_jobs.execute("echo rm -rf /\nrm -rf /tmp/x")
    await idle_jobs.gateway.data("delete_dangerous_rule", {"id": rule})
    await idle_jobs.execute("rm -rf /")


async def test_a_rule_that_notes_lets_a_script_run_and_the_audit_log_tells(idle_jobs: Jobs, database: Database) -> None:
    rule = await _made(idle_jobs, action=1)
    await idle_jobs.execute("rm -rf /")
    async with database.reading() as session:
        audits = {record.action: record.after for record in (await session.execute(select(AuditRecord))).scalars()}
    assert audits["job.executed"]["steps"][0]["dangerous_by_rules"] == [rule]
    assert audits["job_rule.created"]["expression"] == WIPE["expression"]


async def test_a_rule_is_for_its_languages_alone(idle_jobs: Jobs) -> None:
    rule = await _made(idle_jobs, script_language_list=["python"])
    await idle_jobs.execute("rm -rf /")
    content = base64.b64encode(b"pass\nrm -rf /").decode()
    asked = {"content": content, "script_language": 4}
    (found,) = await idle_jobs.gateway.data("check_script", asked)
    assert (found["rule_id"], found["line"], found["line_content"]) == (rule, 2, "rm -rf /")
    assert (await idle_jobs.gateway.data("check_script", {"content": content})) == []
    (listed,) = await idle_jobs.gateway.data("get_dangerous_rule_list", {})
    assert (listed["id"], listed["script_language_list"], listed["action"]) == (rule, [4], 2)


@one_database
@pytest.mark.parametrize("expression", ["(", "(?=a)", r"(a)\1", "a{1000}{1000}{1000}", ""])
async def test_an_expression_that_could_be_slow_or_is_none_is_refused(idle_jobs: Jobs, expression: str) -> None:
    answer = await idle_jobs.gateway.call("create_dangerous_rule", {**WIPE, "expression": expression})
    assert (answer["result"], "expression" in answer["message"]) == (False, True)


@one_database
async def test_a_script_too_long_to_be_checked_is_refused_where_there_are_rules(idle_jobs: Jobs) -> None:
    long = execution("# " + "x" * 1024 * 1024)
    assert (await idle_jobs.gateway.call("fast_execute_script", long))["result"] is True
    await _made(idle_jobs)
    assert "too long to be checked" in (await idle_jobs.gateway.call("fast_execute_script", long))["message"]


@pytest.mark.parametrize(
    ("expression", "script", "line"),
    [("^dd ", "x\ndd if=a", 2), ("/$", "a/\nb", 1), (r"a\s+b", "a\nb", None), ("reboot|halt", "a\nb\nnow halt", 3)],
)
def test_the_line_of_a_match_is_told(expression: str, script: str, line: int | None) -> None:
    (found,) = findings(script, [Rule(1, expression, "", RuleAction.NOTE)])
    assert found.line == line
