"""What a version of a plan keeps: its variables and steps, checked together."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import Field

from adapters.job.service.errors import ParameterWrong
from adapters.job.service.plans.schemas import GlobalVariable, PlanStep, Servers, VariableType
from adapters.job.service.schemas import Asked
from adapters.job.service.states import StepType
from adapters.job.service.texts import from_base64

REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_PARTS = {StepType.SCRIPT: "script_info", StepType.FILE: "file_info", StepType.APPROVAL: "approval_info"}


class KeptVariable(GlobalVariable):
    """Attributes:
    id: by which callers may name it; a variable keeps it as long as it keeps its name.
    """

    id: int
    value: str | None = Field(default=None, repr=False)


class PlanContent(Asked):
    global_var_list: list[KeptVariable]
    step_list: list[PlanStep]


def content_of(
    variables: Sequence[GlobalVariable], steps: Sequence[PlanStep], before: PlanContent | None = None
) -> PlanContent:
    """Args:
        before: the version that this one follows.

    Raises:
        ParameterWrong: a part is missing or doesn't fit the others.
    """
    kept = _kept(variables, before)
    kinds = {variable.name: variable.type for variable in kept}
    for number, step in enumerate(steps):
        try:
            _check_step(step, kinds)
        except ParameterWrong as wrong:
            raise wrong.inside(f"step_list.{number}") from None
    return PlanContent(global_var_list=kept, step_list=list(steps))


def _kept(variables: Sequence[GlobalVariable], before: PlanContent | None) -> list[KeptVariable]:
    known = {variable.name: variable for variable in before.global_var_list} if before is not None else {}
    free = max((variable.id for variable in known.values()), default=0) + 1
    kept: list[KeptVariable] = []
    for number, variable in enumerate(variables):
        field = f"global_var_list.{number}"
        if variable.name in {one.name for one in kept}:
            raise ParameterWrong(f"{field}.name", f"{variable.name} is there twice")
        earlier = known.get(variable.name)
        is_hosts = variable.type is VariableType.HOSTS
        if (variable.value is not None) if is_hosts else (variable.server is not None):
            raise ParameterWrong(field, "has server with type 3 only, and value with any other")
        value = variable.value
        if variable.type is VariableType.CIPHER and value is None and earlier is not None:
            value = earlier.value if earlier.type is VariableType.CIPHER else None
        number_of = earlier.id if earlier is not None else free
        free += earlier is None
        kept.append(KeptVariable(**{**variable.model_dump(), "id": number_of, "value": value}))
    return kept


def _check_step(step: PlanStep, kinds: dict[str, VariableType]) -> None:
    wanted = _PARTS[step.type]
    for part in _PARTS.values():
        if (getattr(step, part) is None) is (part == wanted):
            problem = "is missing" if part == wanted else f"doesn't go with type {step.type}"
            raise ParameterWrong(part, problem)
    if step.script_info is not None:
        _check_script(step)
    for field, servers in _servers(step):
        if servers.variable and kinds.get(servers.variable) is not VariableType.HOSTS:
            raise ParameterWrong(f"{field}.variable", f"{servers.variable} is no variable of type 3")
    for field, text in _open_texts(step):
        secret = next((name for name in REFERENCE.findall(text) if kinds.get(name) is VariableType.CIPHER), None)
        if secret is not None:
            raise ParameterWrong(field, f"would tell {secret}; sealed texts go to scripts only")


def _check_script(step: PlanStep) -> None:
    info = step.script_info
    if info is None:
        return
    if info.script_version_id is None and info.script_id is None:
        if not info.script_content:
            raise ParameterWrong("script_info.script_content", "is missing; send it in base64, or script_id")
        from_base64("script_info.script_content", info.script_content)
    from_base64("script_info.script_param", info.script_param)


def _servers(step: PlanStep) -> Iterable[tuple[str, Servers]]:
    if step.script_info is not None:
        yield "script_info.server", step.script_info.server
    if step.file_info is not None:
        yield "file_info.file_destination.server", step.file_info.file_destination.server
        for number, source in enumerate(step.file_info.file_source_list):
            yield f"file_info.file_source_list.{number}.server", source.server


def _open_texts(step: PlanStep) -> Iterable[tuple[str, str]]:
    """Texts that stand in logs and answers."""
    if step.approval_info is not None:
        yield "approval_info.approval_message", step.approval_info.approval_message
    if step.file_info is not None:
        yield "file_info.file_destination.path", step.file_info.file_destination.path
        for number, source in enumerate(step.file_info.file_source_list):
            for path in source.file_list:
                yield f"file_info.file_source_list.{number}.file_list", path


def shown(content: PlanContent) -> dict[str, Any]:
    """The content as it is answered, without what is sealed."""
    return {
        "global_var_list": [_shown_variable(variable) for variable in content.global_var_list],
        "step_list": [
            {"id": number, **step.model_dump(mode="json")} for number, step in enumerate(content.step_list, start=1)
        ],
    }


def _shown_variable(variable: KeptVariable) -> dict[str, Any]:
    is_cipher = variable.type is VariableType.CIPHER
    return {
        "id": variable.id,
        "name": variable.name,
        "type": variable.type,
        "description": variable.description,
        "required": int(variable.required),
        "value": None if is_cipher else variable.value,
        "has_value": variable.value is not None or variable.server is not None,
        "server": variable.server.model_dump(mode="json") if variable.server is not None else None,
    }
