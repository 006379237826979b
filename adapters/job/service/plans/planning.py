"""Makes the steps of an execution from those of a plan."""

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.job.service.errors import ParameterWrong
from adapters.job.service.executions import NewStep
from adapters.job.service.files.schemas import FastTransferFile, SourceAccount
from adapters.job.service.files.service import FileService
from adapters.job.service.plans.content import PlanContent
from adapters.job.service.plans.schemas import ApprovalInfo, FileInfo, PlanStep, ScriptInfo
from adapters.job.service.plans.values import Values
from adapters.job.service.schemas import FastExecuteScript, Scoped
from adapters.job.service.script_steps import ScriptSteps
from adapters.job.service.states import StepType
from adapters.job.service.texts import from_base64
from kernel.http.component_params import ParametersRefused, validated

MAX_RUNS = 10_000
"""Hosts of all steps together."""
MAX_MESSAGE = 2000
_APPROVAL_PURPOSE = "job approval"

Model = TypeVar("Model", bound=BaseModel)


class PlanSteps:
    def __init__(self, scripts: ScriptSteps, files: FileService) -> None:
        self._scripts = scripts
        self._files = files

    async def steps_of(
        self, session: AsyncSession, scope: Scoped, content: PlanContent, values: Values
    ) -> Sequence[NewStep]:
        """Raises:
        ParameterWrong: a step can't be executed, named by its place.
        """
        steps: list[NewStep] = []
        for number, step in enumerate(content.step_list):
            try:
                steps.append(await self._step_of(session, scope, step, values))
            except ParameterWrong as wrong:
                raise wrong.inside(f"step_list.{number}") from None
        if sum(len(step.targets) for step in steps) > MAX_RUNS:
            raise ParameterWrong("step_list", f"is for more than {MAX_RUNS} hosts, those of all steps together")
        return steps

    async def _step_of(self, session: AsyncSession, scope: Scoped, step: PlanStep, values: Values) -> NewStep:
        if step.script_info is not None:
            return await self._script(session, scope, step, step.script_info, values)
        if step.file_info is not None:
            return await self._file(session, scope, step, step.file_info, values)
        return _approval(step, step.approval_info, values)

    async def _script(
        self, session: AsyncSession, scope: Scoped, step: PlanStep, info: ScriptInfo, values: Values
    ) -> NewStep:
        parameters = from_base64("script_param", info.script_param)
        try:
            words = values.in_words(parameters)
        except ValueError as error:
            raise ParameterWrong("script_param", f"can't be read as a command line: {error}") from None
        asked = _checked(
            FastExecuteScript,
            {
                **_common(scope, step, info.account),
                "target_server": values.of_servers(info.server),
                "timeout": info.script_timeout,
                "rolling_config": info.rolling_config,
                "script_content": info.script_content,
                "script_id": info.script_id,
                "script_version_id": info.script_version_id,
                "script_language": info.script_language,
                "script_param_text": words,
                "is_param_sensitive": info.is_param_sensitive or values.has_secret_in(parameters),
            },
        )
        return await self._scripts.step_of(session, asked, values.texts)

    async def _file(
        self, session: AsyncSession, scope: Scoped, step: PlanStep, info: FileInfo, values: Values
    ) -> NewStep:
        sources = [
            {
                "file_list": [values.in_text(path) for path in source.file_list],
                "account": source.account,
                "server": values.of_servers(source.server),
            }
            for source in info.file_source_list
        ]
        asked = _checked(
            FastTransferFile,
            {
                **_common(scope, step, info.file_destination.account),
                "target_server": values.of_servers(info.file_destination.server),
                "timeout": info.timeout,
                "rolling_config": info.rolling_config,
                "file_target_path": values.in_text(info.file_destination.path),
                "file_source_list": sources,
                "transfer_mode": info.transfer_mode,
                "upload_speed_limit": info.upload_speed_limit,
                "download_speed_limit": info.download_speed_limit,
            },
        )
        return await self._files.step_of(session, asked)


def _common(scope: Scoped, step: PlanStep, account: SourceAccount) -> dict[str, Any]:
    return {
        "bk_scope_type": scope.bk_scope_type,
        "bk_scope_id": scope.bk_scope_id,
        "task_name": step.name,
        "account_id": account.id,
        "account_alias": account.alias,
    }


def _checked(model: type[Model], parameters: dict[str, Any]) -> Model:
    try:
        return validated(model, parameters)
    except ParametersRefused as error:
        raise ParameterWrong("with its variables", str(error)) from None


def _approval(step: PlanStep, info: ApprovalInfo | None, values: Values) -> NewStep:
    message = values.in_text(info.approval_message) if info is not None else ""
    if len(message) > MAX_MESSAGE:
        problem = f"has more than {MAX_MESSAGE} characters with its variables"
        raise ParameterWrong("approval_info.approval_message", problem)
    return NewStep(
        kind="approval",
        type=StepType.APPROVAL,
        payload="",
        purpose=_APPROVAL_PURPOSE,
        approval_message=message,
        name=step.name,
    )
