"""Takes the distribution of files on."""

from pathlib import PurePosixPath
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.job.service.accounts.choosing import account_of
from adapters.job.service.accounts.repository import AccountRepository
from adapters.job.service.errors import ParameterWrong
from adapters.job.service.executions import Executions, NewStep, executed, rolling_of
from adapters.job.service.files import schemas
from adapters.job.service.files.elsewhere import Elsewhere
from adapters.job.service.files.finding import PatternWrong, check, is_plain
from adapters.job.service.files.plan import FilePlan, Source, SourceKind, TransferMode
from adapters.job.service.schemas import UsingAccount
from adapters.job.service.states import StepType
from adapters.job.service.targets import LocalHosts, targets_of
from adapters.job.service.workspace import FILES_PURPOSE
from kernel.contracts.hosts import HostDirectory
from kernel.http.signed_only import SignedCaller

_MOST_NAME = 200


class FileService:
    def __init__(
        self,
        hosts: HostDirectory,
        local: LocalHosts,
        accounts: AccountRepository,
        executions: Executions,
        elsewhere: Elsewhere,
    ) -> None:
        self._elsewhere = elsewhere
        self._hosts = hosts
        self._local = local
        self._accounts = accounts
        self._executions = executions

    async def fast_transfer_file(
        self, session: AsyncSession, caller: SignedCaller, asked: schemas.FastTransferFile
    ) -> Any:
        """Keeps the execution; files are on their way once it is committed."""
        step = await self.step_of(session, asked)
        instance, ids = await self._executions.start(session, caller, asked, [step], name=asked.task_name)
        return executed(instance, ids[0])

    async def step_of(self, session: AsyncSession, asked: schemas.FastTransferFile) -> NewStep:
        """Raises:
        ParameterWrong: it can't be executed as asked.
        """
        plan = FilePlan(
            await self._sources(session, asked),
            _checked("file_target_path", asked.file_target_path),
            TransferMode(int(asked.transfer_mode)),
            asked.upload_speed_limit,
            asked.download_speed_limit,
        )
        _check_names(plan)
        account_id = await account_of(session, self._accounts, asked)
        targets = await targets_of(session, self._hosts, asked, asked.target_server)
        batches, rolling_mode = rolling_of(asked, len(targets))
        return NewStep(
            kind="files",
            type=StepType.FILE,
            payload=plan.dumped(),
            purpose=FILES_PURPOSE,
            account_id=account_id,
            timeout=asked.timeout,
            targets=targets,
            batches=batches,
            rolling_mode=rolling_mode,
            name=asked.task_name,
            facts={
                "sources": [{"ip": source.ip, "paths": list(source.paths)} for source in plan.sources],
                "folder": plan.folder,
            },
        )

    async def _sources(self, session: AsyncSession, asked: schemas.FastTransferFile) -> tuple[Source, ...]:
        found: list[Source] = []
        for number, source in enumerate(asked.file_source_list):
            field = f"file_source_list.{number}"
            kind = SourceKind(int(source.file_type))
            if kind is not SourceKind.HOST:
                found.append(await self._elsewhere.source(session, asked, source, kind, field))
                continue
            named = UsingAccount(
                bk_scope_type=asked.bk_scope_type,
                bk_scope_id=asked.bk_scope_id,
                account_id=source.account.id,
                account_alias=source.account.alias,
            )
            account_id = await account_of(session, self._accounts, named)
            paths = tuple(dict.fromkeys(_checked(f"{field}.file_list", path) for path in source.file_list))
            for target in await targets_of(session, self._hosts, asked, source.server, field=f"{field}.server"):
                if account_id is None and not self._local.has(target):
                    raise ParameterWrong(f"{field}.account", f"is missing: {target.ip} is another machine")
                found.append(Source(target.cloud_id, target.ip, account_id, paths))
        return tuple(found)


def _checked(field: str, path: str) -> str:
    """Raises:
    ParameterWrong: not the plain path of one place.
    """
    if ".." in PurePosixPath(path).parts:
        raise ParameterWrong(field, f"{path} goes up by '..'; name the place itself")
    if field.endswith("file_list"):
        if not path.startswith("/"):
            raise ParameterWrong(field, f"{path} is not absolute")
        _check_source(field, path)
    return path


def _check_source(field: str, path: str) -> None:
    name = PurePosixPath(path).name
    if not name or len(name.encode()) > _MOST_NAME:
        raise ParameterWrong(field, f"{path} has no name, or too long a one")
    try:
        check(path)
    except PatternWrong:
        problem = f"{path} holds no regular expression, or one with look-around or back references"
        raise ParameterWrong(field, problem) from None


def _check_names(plan: FilePlan) -> None:
    plain = [
        path for source in plan.sources for path in source.paths if source.kind is not SourceKind.HOST or is_plain(path)
    ]
    names = [plan.target_of(PurePosixPath(path).name) for path in plain]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ParameterWrong("file_source_list", f"has more than one file that would become {twice}")
