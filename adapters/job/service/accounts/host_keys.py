"""The keys by which hosts are known: seen when a job meets one, trusted when an administrator accepts it."""

from typing import Any

import asyncssh
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.job.service.accounts import schemas
from adapters.job.service.accounts.models import JobHostKey
from adapters.job.service.accounts.repository import HostKeyRepository
from adapters.job.service.errors import Missing, ParameterWrong
from adapters.job.service.repository import milliseconds
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.http.signed_only import SignedCaller


class HostKeyService:
    def __init__(self, repository: HostKeyRepository, clock: Clock) -> None:
        self._repository = repository
        self._clock = clock

    async def list_host_keys(self, session: AsyncSession, _caller: SignedCaller, asked: schemas.ListHostKeys) -> Any:
        total, rows = await self._repository.listed(session, asked)
        return {"start": asked.start, "length": asked.length, "total": total, "data": [_shown(row) for row in rows]}

    async def accept_host_key(self, session: AsyncSession, caller: SignedCaller, asked: schemas.AcceptHostKey) -> Any:
        key = await self._named(session, asked)
        key.accepted_by = caller.user or caller.app
        key.accepted_ms = milliseconds(self._clock.now())
        session.add(key)
        await session.flush()
        record(session, caller.principal, "job_host_key.accepted", "job_host_key", str(key.id), after=_facts(key))
        return {"id": key.id}

    async def forget_host_key(self, session: AsyncSession, caller: SignedCaller, asked: schemas.OfHostKey) -> Any:
        key = await self._repository.key(session, asked.id)
        record(session, caller.principal, "job_host_key.forgotten", "job_host_key", str(key.id), before=_facts(key))
        await session.delete(key)
        return {"id": asked.id}

    async def _named(self, session: AsyncSession, asked: schemas.AcceptHostKey) -> JobHostKey:
        if bool(asked.fingerprint) == bool(asked.public_key):
            raise ParameterWrong("fingerprint", "or public_key is needed, one of the two")
        fresh = self._entered(asked) if asked.public_key else None
        wanted = fresh.fingerprint if fresh is not None else asked.fingerprint
        for known in await self._repository.of_host(session, asked.bk_cloud_id, asked.ip, asked.port):
            if known.fingerprint == wanted:
                return known
        if fresh is None:
            raise Missing(f"{asked.ip} port {asked.port} has shown no key {wanted}; list_host_keys has what was seen")
        return fresh

    def _entered(self, asked: schemas.AcceptHostKey) -> JobHostKey:
        try:
            key = asyncssh.import_public_key(asked.public_key)
        except (asyncssh.KeyImportError, ValueError):
            raise ParameterWrong("public_key", "can't be read as a public key of OpenSSH") from None
        return host_key(asked.bk_cloud_id, asked.ip, asked.port, key, milliseconds(self._clock.now()))


def host_key(cloud_id: int, ip: str, port: int, key: asyncssh.SSHKey, now: int) -> JobHostKey:
    """A key that nobody accepted yet."""
    return JobHostKey(
        bk_cloud_id=cloud_id,
        ip=ip,
        port=port,
        fingerprint=key.get_fingerprint(),
        public_key=key.export_public_key("openssh").decode().strip(),
        seen_ms=now,
    )


def _facts(key: JobHostKey) -> dict[str, Any]:
    return {"bk_cloud_id": key.bk_cloud_id, "ip": key.ip, "port": key.port, "fingerprint": key.fingerprint}


def _shown(key: JobHostKey) -> dict[str, Any]:
    return {
        "id": key.id,
        **_facts(key),
        "public_key": key.public_key,
        "seen_time": key.seen_ms,
        "accepted_by": key.accepted_by,
        "accepted_time": key.accepted_ms,
    }
