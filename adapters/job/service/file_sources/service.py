"""File sources: made, changed, removed and listed. No credential ever comes out."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.job.service.errors import ParameterWrong
from adapters.job.service.file_sources import schemas
from adapters.job.service.file_sources.credentials import Credential, seal, unseal
from adapters.job.service.file_sources.models import JobFileSource, SourceType
from adapters.job.service.file_sources.repository import FileSourceRepository
from adapters.job.service.repository import milliseconds
from adapters.job.service.schemas import Scoped
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.http.signed_only import SignedCaller
from kernel.secrets import SecretBox
from kernel.transport.address_problem import address_problem
from kernel.transport.addresses import AddressPolicy


class FileSourceService:
    def __init__(
        self, repository: FileSourceRepository, secrets: SecretBox, policy: AddressPolicy, clock: Clock
    ) -> None:
        self._repository = repository
        self._secrets = secrets
        self._policy = policy
        self._clock = clock

    async def create_file_source(
        self, session: AsyncSession, caller: SignedCaller, asked: schemas.CreateFileSource
    ) -> Any:
        if await self._repository.by_code(session, _scope(asked), asked.code) is not None:
            raise ParameterWrong("code", f"{asked.code} exists already; update_file_source changes it")
        now = milliseconds(self._clock.now())
        source = JobFileSource(
            bk_scope_type=asked.bk_scope_type,
            bk_scope_id=asked.bk_scope_id,
            code=asked.code,
            alias=asked.alias,
            type=asked.type,
            base_url="",
            credential_sealed=self._sealed(asked.type, asked.credential),
            creator=_who(caller),
            create_ms=now,
            last_modify_user=_who(caller),
            last_modify_ms=now,
        )
        await self._put(source, asked.access_params)
        session.add(source)
        await session.flush()
        self._record(session, caller, "created", source, after=self._facts(source))
        return {"id": source.id}

    async def update_file_source(
        self, session: AsyncSession, caller: SignedCaller, asked: schemas.UpdateFileSource
    ) -> Any:
        source = await self._repository.source(session, _scope(asked), asked.id, for_change=True)
        before = self._facts(source)
        source.alias = asked.alias or source.alias
        if asked.access_params is not None:
            await self._put(source, asked.access_params)
        if asked.credential is not None:
            source.credential_sealed = self._sealed(SourceType(source.type), asked.credential)
        source.last_modify_user, source.last_modify_ms = _who(caller), milliseconds(self._clock.now())
        self._record(session, caller, "updated", source, before=before, after=self._facts(source))
        return {"id": source.id}

    async def delete_file_source(self, session: AsyncSession, caller: SignedCaller, asked: schemas.OfFileSource) -> Any:
        source = await self._repository.source(session, _scope(asked), asked.id, for_change=True)
        self._record(session, caller, "deleted", source, before=self._facts(source))
        await session.delete(source)
        return {"id": asked.id}

    async def get_file_source_list(
        self, session: AsyncSession, _caller: SignedCaller, asked: schemas.ListFileSources
    ) -> Any:
        total, rows = await self._repository.listed(session, asked)
        data = [self._shown(row) for row in rows]
        return {"start": asked.start, "length": asked.length, "total": total, "data": data}

    async def _put(self, source: JobFileSource, given: schemas.AccessParams) -> None:
        if bool(given.bucket) != (source.type == SourceType.S3):
            raise ParameterWrong("access_params.bucket", "is for sources of type S3, which need one")
        problem = await address_problem(self._policy, given.base_url)
        if problem is None and ("?" in given.base_url or "#" in given.base_url):
            problem = "has a query or a fragment; paths could not begin below it"
        if problem is not None:
            raise ParameterWrong("access_params.base_url", problem)
        source.base_url, source.bucket = given.base_url.rstrip("/"), given.bucket
        source.region = given.region or ("us-east-1" if given.bucket else "")

    def _sealed(self, kind: SourceType, given: schemas.CredentialGiven) -> str:
        credential = Credential(**given.model_dump())
        wanted = ("access_key",) if kind is SourceType.S3 else ("none", "password", "token")
        if credential.kind not in wanted or bool(credential.access_key) != bool(credential.secret_key):
            raise ParameterWrong("credential", "has username and password or a token for HTTP, two keys for S3")
        return seal(self._secrets, credential)

    def _facts(self, source: JobFileSource) -> dict[str, Any]:
        kind = unseal(self._secrets, source.credential_sealed).kind
        names = ("code", "alias", "type", "base_url", "bucket", "region")
        return {**{name: getattr(source, name) for name in names}, "credential": kind}

    def _shown(self, source: JobFileSource) -> dict[str, Any]:
        return {
            "id": source.id,
            "bk_scope_type": source.bk_scope_type,
            "bk_scope_id": source.bk_scope_id,
            **self._facts(source),
            "creator": source.creator,
            "create_time": source.create_ms,
            "last_modify_user": source.last_modify_user,
            "last_modify_time": source.last_modify_ms,
        }

    def _record(
        self,
        session: AsyncSession,
        caller: SignedCaller,
        happened: str,
        source: JobFileSource,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
    ) -> None:
        kind = "job_file_source"
        record(session, caller.principal, f"{kind}.{happened}", kind, str(source.id), before=before, after=after)


def _scope(asked: Scoped) -> tuple[str, str]:
    return asked.bk_scope_type, asked.bk_scope_id


def _who(caller: SignedCaller) -> str:
    return caller.user or caller.app
