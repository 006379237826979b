"""Rules about dangerous commands: made, removed, listed, and held against scripts."""

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.job.service.errors import NotNow, ParameterWrong
from adapters.job.service.languages import Language
from adapters.job.service.repository import milliseconds
from adapters.job.service.rules import schemas
from adapters.job.service.rules.matching import (
    ExpressionWrong,
    Finding,
    Rule,
    RuleAction,
    check_expression,
    findings,
)
from adapters.job.service.rules.models import JobDangerousRule
from adapters.job.service.rules.repository import RuleRepository
from adapters.job.service.texts import from_base64
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.http.signed_only import SignedCaller

_MOST_RULES = 200


class RuleService:
    def __init__(self, repository: RuleRepository, clock: Clock) -> None:
        self._repository = repository
        self._clock = clock

    async def create_dangerous_rule(
        self, session: AsyncSession, caller: SignedCaller, asked: schemas.CreateRule
    ) -> Any:
        try:
            check_expression(asked.expression)
        except ExpressionWrong:
            problem = "is no regular expression without look-around and back references"
            raise ParameterWrong("expression", problem) from None
        if len(await self._repository.all(session)) >= _MOST_RULES:
            raise NotNow(f"There are {_MOST_RULES} rules, as many as there may be; delete one first")
        rule = JobDangerousRule(
            expression=asked.expression,
            description=asked.description,
            languages=[int(language) for language in asked.script_language_list],
            action=asked.action,
            creator=caller.user or caller.app,
            create_ms=milliseconds(self._clock.now()),
        )
        session.add(rule)
        await session.flush()
        record(session, caller.principal, "job_rule.created", "job_rule", str(rule.id), after=_facts(rule))
        return {"id": rule.id}

    async def delete_dangerous_rule(self, session: AsyncSession, caller: SignedCaller, asked: schemas.OfRule) -> Any:
        rule = await self._repository.rule(session, asked.id)
        record(session, caller.principal, "job_rule.deleted", "job_rule", str(rule.id), before=_facts(rule))
        await session.delete(rule)
        return {"id": asked.id}

    async def get_dangerous_rule_list(
        self, session: AsyncSession, _caller: SignedCaller, _asked: schemas.ListRules
    ) -> Any:
        return [_shown(row) for row in await self._repository.all(session)]

    async def check_script(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.CheckScript) -> Any:
        script = from_base64("content", asked.content)
        return [_told(one) for one in await self.found(session, asked.script_language, script)]

    async def found(self, session: AsyncSession, language: Language, script: str) -> Sequence[Finding]:
        """What the rules of a language find in a script.

        Raises:
            ParameterWrong: the script is too long to be looked through.
        """
        rules = [
            Rule(row.id, row.expression, row.description, RuleAction(row.action))
            for row in await self._repository.all(session)
            if not row.languages or language in row.languages
        ]
        if not rules:
            return []
        if len(script) > schemas.MAX_SCRIPT:
            problem = f"is longer than {schemas.MAX_SCRIPT} characters, too long to be checked for dangerous commands"
            raise ParameterWrong("script_content", problem)
        return await asyncio.to_thread(findings, script, rules)

    async def passed(self, session: AsyncSession, language: Language, script: str) -> Sequence[int]:
        """The rules that only note what the script says.

        Raises:
            ParameterWrong: a rule refuses it.
        """
        found = await self.found(session, language, script)
        for finding in found:
            if finding.rule.action is RuleAction.REFUSE:
                where = f"line {finding.line}" if finding.line is not None else "it"
                problem = f"{where} is refused as dangerous by rule {finding.rule.id}: {finding.rule.description}"
                raise ParameterWrong("script_content", problem)
        return [finding.rule.id for finding in found]


def _facts(rule: JobDangerousRule) -> dict[str, Any]:
    return {
        "expression": rule.expression,
        "description": rule.description,
        "script_language_list": rule.languages,
        "action": rule.action,
    }


def _shown(rule: JobDangerousRule) -> dict[str, Any]:
    return {"id": rule.id, **_facts(rule), "creator": rule.creator, "create_time": rule.create_ms}


def _told(finding: Finding) -> dict[str, Any]:
    return {
        "rule_id": finding.rule.id,
        "line": finding.line,
        "line_content": finding.text,
        "description": finding.rule.description,
        "action": finding.rule.action,
    }
