"""Makes a step from what is asked about a script: its text, its parameters, its hosts."""

import hashlib
import json
import shlex
from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.job.service import schemas
from adapters.job.service.accounts.choosing import account_of
from adapters.job.service.accounts.repository import AccountRepository
from adapters.job.service.errors import ParameterWrong
from adapters.job.service.executions import NewStep, rolling_of
from adapters.job.service.languages import Language, LanguageMissing, interpreter_for, program_of
from adapters.job.service.rules.service import RuleService
from adapters.job.service.scripts.service import ScriptService
from adapters.job.service.shell_variables import with_variables
from adapters.job.service.states import StepType
from adapters.job.service.targets import targets_of
from adapters.job.service.texts import from_base64
from adapters.job.service.workspace import SCRIPT_PURPOSE
from kernel.contracts.hosts import HostDirectory


class ScriptSteps:
    def __init__(
        self, hosts: HostDirectory, accounts: AccountRepository, rules: RuleService, scripts: ScriptService
    ) -> None:
        self._hosts = hosts
        self._accounts = accounts
        self._rules = rules
        self._scripts = scripts

    async def step_of(
        self, session: AsyncSession, asked: schemas.FastExecuteScript, variables: Mapping[str, str] | None = None
    ) -> NewStep:
        """Args:
            variables: what a shell script finds set.

        Raises:
            ParameterWrong: it can't be executed as asked.
        """
        parameters = _parameters_of(asked)
        named = await self._scripts.named(session, asked)
        language, script, version_id = named or (asked.script_language, _script_of(asked), None)
        account_id = await account_of(session, self._accounts, asked)
        _check(language, hidden=asked.is_param_sensitive, on_this_machine=account_id is None)
        given = with_variables(script, variables or {}) if language is Language.SHELL else script
        noted = await self._rules.passed(session, language, given)
        targets = await targets_of(session, self._hosts, asked, asked.target_server)
        batches, rolling_mode = rolling_of(asked, len(targets))
        return NewStep(
            kind="script",
            type=StepType.SCRIPT,
            payload=json.dumps({"script": given, "parameters": parameters}),
            purpose=SCRIPT_PURPOSE,
            account_id=account_id,
            language=language,
            is_param_sensitive=asked.is_param_sensitive,
            timeout=asked.timeout,
            targets=targets,
            batches=batches,
            rolling_mode=rolling_mode,
            name=asked.task_name,
            facts={
                "language": language.name.lower(),
                "script_version_id": version_id,
                "script_sha256": hashlib.sha256(script.encode()).hexdigest(),
                "dangerous_by_rules": noted,
            },
        )


def _check(language: Language, *, hidden: bool, on_this_machine: bool) -> None:
    try:
        interpreter = interpreter_for(language, hidden_parameters=hidden)
        if on_this_machine:
            program_of(interpreter)
    except LanguageMissing as error:
        raise ParameterWrong("script_language", str(error)) from None


def _script_of(asked: schemas.FastExecuteScript) -> str:
    given = [name for name in ("script_content", "script_text") if getattr(asked, name)]
    if len(given) != 1:
        problem = "is missing; send it in base64, or script_text" if not given else "and script_text exclude each other"
        raise ParameterWrong("script_content", problem)
    return asked.script_text or from_base64("script_content", asked.script_content or "")


def _parameters_of(asked: schemas.FastExecuteScript) -> list[str]:
    if asked.script_param and asked.script_param_text:
        raise ParameterWrong("script_param", "and script_param_text exclude each other")
    name = "script_param" if asked.script_param else "script_param_text"
    text = from_base64(name, asked.script_param) if asked.script_param else asked.script_param_text
    try:
        return shlex.split(text)
    except ValueError as error:
        raise ParameterWrong(name, f"can't be read as a command line: {error}") from None
