"""The library of scripts: versions that never change, one of which is online."""

import hashlib
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from adapters.job.service.errors import Missing, NotNow, ParameterWrong
from adapters.job.service.languages import Language
from adapters.job.service.repository import milliseconds
from adapters.job.service.schemas import FastExecuteScript, Scoped
from adapters.job.service.scripts import schemas
from adapters.job.service.scripts.models import JobScript, JobScriptVersion, VersionStatus
from adapters.job.service.scripts.repository import ScriptRepository
from adapters.job.service.texts import from_base64
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.http.signed_only import SignedCaller
from kernel.ids import new_id
from kernel.secrets import SecretBox

_PURPOSE = "job script version"
_RUNS = frozenset({VersionStatus.ONLINE, VersionStatus.OFFLINE})


class ScriptService:
    def __init__(self, repository: ScriptRepository, secrets: SecretBox, clock: Clock) -> None:
        self._repository = repository
        self._secrets = secrets
        self._clock = clock

    async def create_script(self, session: AsyncSession, caller: SignedCaller, asked: schemas.CreateScript) -> Any:
        """Makes a script with its first version, a draft."""
        content = from_base64("content", asked.content)
        if await self._repository.is_taken(session, _scope(asked), asked.name):
            raise ParameterWrong("name", f"{asked.name} exists already; create_script_version adds to it")
        script = JobScript(
            id=new_id(),
            bk_scope_type=asked.bk_scope_type,
            bk_scope_id=asked.bk_scope_id,
            name=asked.name,
            description=asked.description,
            script_language=asked.script_language,
            creator=caller.user or caller.app,
            create_ms=milliseconds(self._clock.now()),
        )
        session.add(script)
        await session.flush()
        return await self._add(session, caller, script, asked.version, asked.version_desc, content)

    async def create_script_version(
        self, session: AsyncSession, caller: SignedCaller, asked: schemas.CreateVersion
    ) -> Any:
        content = from_base64("content", asked.content)
        script = await self._repository.script(session, _scope(asked), asked.script_id)
        if await self._repository.has_version(session, script.id, asked.version):
            raise ParameterWrong("version", f"{asked.version} exists already, and versions never change")
        return await self._add(session, caller, script, asked.version, asked.version_desc, content)

    async def publish_script_version(
        self, session: AsyncSession, caller: SignedCaller, asked: schemas.OfVersion
    ) -> Any:
        """Puts a version online in place of the one that is."""
        version = await self._version(session, asked)
        if version.status == VersionStatus.DISABLED:
            raise NotNow(f"Script version {version.id} was disabled for good")
        await self._repository.take_offline(session, version.script_id)
        return self._moved(session, caller, version, VersionStatus.ONLINE)

    async def disable_script_version(
        self, session: AsyncSession, caller: SignedCaller, asked: schemas.OfVersion
    ) -> Any:
        """No job runs it any more."""
        return self._moved(session, caller, await self._version(session, asked), VersionStatus.DISABLED)

    async def get_script_list(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.ListScripts) -> Any:
        total, rows = await self._repository.scripts(session, _scope(asked), asked.name, asked.start, asked.length)
        online = await self._repository.online(session, [row.id for row in rows])
        data = [_script(row, online.get(row.id)) for row in rows]
        return {"start": asked.start, "length": asked.length, "total": total, "data": data}

    async def get_script_version_list(
        self, session: AsyncSession, _caller: SignedCaller, asked: schemas.ListVersions
    ) -> Any:
        script = await self._repository.script(session, _scope(asked), asked.script_id)
        total, rows = await self._repository.versions(session, script.id, asked.start, asked.length)
        data = [_shown(row) for row in rows]
        return {"start": asked.start, "length": asked.length, "total": total, "data": data}

    async def get_script_version_detail(
        self, session: AsyncSession, _caller: SignedCaller, asked: schemas.GetVersion
    ) -> Any:
        script, version = await self._repository.version(session, _scope(asked), asked.id)
        return {**_shown(version), "script_language": script.script_language, "content": self._content(version)}

    async def named(self, session: AsyncSession, asked: FastExecuteScript) -> tuple[Language, str, int] | None:
        """Language, text and version id of the script that a call names by id or name; none when it names none.

        Raises:
            ParameterWrong: there is no such script, or it may not run.
        """
        field, version_id = "script_version_id", asked.script_version_id
        if version_id is None and (asked.script_id is not None or asked.script_name):
            field = "script_id" if asked.script_id is not None else "script_name"
            script_id = asked.script_id or await self._id_of(session, asked)
            version_id = (await self._repository.online(session, [script_id])).get(script_id)
            if version_id is None:
                named = asked.script_id or asked.script_name
                raise ParameterWrong(field, f"no version of {named} is online; publish_script_version")
        if version_id is None:
            return None
        try:
            script, version = await self._repository.version(session, _scope(asked), version_id)
        except Missing as missing:
            raise ParameterWrong(field, missing.message) from None
        if version.status not in _RUNS:
            raise ParameterWrong(field, f"version {version.version} of {script.name} is a draft or disabled")
        return Language(script.script_language), self._content(version), version.id

    async def _id_of(self, session: AsyncSession, asked: FastExecuteScript) -> str:
        found = await self._repository.id_of(session, _scope(asked), asked.script_name or "")
        if found is None:
            raise ParameterWrong("script_name", f"{' '.join(_scope(asked))} has no script {asked.script_name}")
        return found

    async def _version(self, session: AsyncSession, asked: schemas.OfVersion) -> JobScriptVersion:
        await self._repository.script(session, _scope(asked), asked.script_id, for_change=True)
        _, version = await self._repository.version(session, _scope(asked), asked.script_version_id)
        if version.script_id != asked.script_id:
            raise Missing(f"Script {asked.script_id} has no version {asked.script_version_id}")
        return version

    async def _add(
        self, session: AsyncSession, caller: SignedCaller, script: JobScript, name: str, words: str, content: str
    ) -> dict[str, Any]:
        version = JobScriptVersion(
            script_id=script.id,
            version=name,
            version_desc=words,
            content_sealed=self._secrets.seal(content.encode(), _PURPOSE),
            creator=caller.user or caller.app,
            create_ms=milliseconds(self._clock.now()),
        )
        session.add(version)
        await session.flush()
        after = {
            "name": script.name,
            "version": name,
            "script_sha256": hashlib.sha256(content.encode()).hexdigest(),
        }
        record(session, caller.principal, "job_script.created", "job_script_version", str(version.id), after=after)
        return {"id": version.id, "script_id": script.id}

    def _moved(
        self, session: AsyncSession, caller: SignedCaller, version: JobScriptVersion, status: VersionStatus
    ) -> dict[str, Any]:
        before, version.status = version.status, status
        action = "job_script.published" if status is VersionStatus.ONLINE else "job_script.disabled"
        record(
            session,
            caller.principal,
            action,
            "job_script_version",
            str(version.id),
            before={"status": before},
            after={"status": status},
        )
        return {"id": version.id, "script_id": version.script_id}

    def _content(self, version: JobScriptVersion) -> str:
        return self._secrets.open(version.content_sealed, _PURPOSE).decode()


def _scope(asked: Scoped) -> tuple[str, str]:
    return asked.bk_scope_type, asked.bk_scope_id


def _script(script: JobScript, online: int | None) -> dict[str, Any]:
    return {
        "id": script.id,
        "bk_scope_type": script.bk_scope_type,
        "bk_scope_id": script.bk_scope_id,
        "name": script.name,
        "description": script.description,
        "script_language": script.script_language,
        "online_script_version_id": online,
        "creator": script.creator,
        "create_time": script.create_ms,
    }


def _shown(version: JobScriptVersion) -> dict[str, Any]:
    return {
        "id": version.id,
        "script_id": version.script_id,
        "version": version.version,
        "version_desc": version.version_desc,
        "status": version.status,
        "creator": version.creator,
        "create_time": version.create_ms,
    }
