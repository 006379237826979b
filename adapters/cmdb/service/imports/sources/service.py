"""Import sources: kept with their secrets sealed, run by hand or by their schedule."""

from datetime import timedelta
from typing import Any, Final

import asyncssh
from sqlalchemy.ext.asyncio import AsyncSession

from adapters.cmdb.service.errors import InUse, ParameterWrong
from adapters.cmdb.service.imports.history import text_of
from adapters.cmdb.service.imports.sources import schemas
from adapters.cmdb.service.imports.sources.host_keys import HostKeys
from adapters.cmdb.service.imports.sources.models import ImportSource
from adapters.cmdb.service.imports.sources.repository import SourceRepository
from adapters.cmdb.service.models import RESOURCE_POOL
from adapters.cmdb.service.outbound import checked_address
from adapters.cmdb.service.repository import InventoryRepository
from kernel.audit.log import record
from kernel.clock import Clock
from kernel.http.signed_only import SignedCaller
from kernel.secrets import SecretBox
from kernel.transport.addresses import AddressPolicy

SECRET_PURPOSE: Final = "inventory import source"  # noqa: S105  a purpose, not a secret
_MOST = 100


class SourceService:
    """Args:
    policy: which addresses of NetBox may be called.
    """

    def __init__(
        self,
        sources: SourceRepository,
        inventory: InventoryRepository,
        keys: HostKeys,
        secrets: SecretBox,
        policy: AddressPolicy,
        clock: Clock,
    ) -> None:
        self._sources = sources
        self._inventory = inventory
        self._keys = keys
        self._secrets = secrets
        self._policy = policy
        self._clock = clock

    async def create(self, session: AsyncSession, caller: SignedCaller, asked: schemas.CreateSource) -> Any:
        if len(await self._sources.all(session)) >= _MOST:
            raise InUse(f"There are {_MOST} import sources already; delete one that nobody uses")
        if asked.bk_biz_id != RESOURCE_POOL:
            await self._inventory.business(session, asked.bk_biz_id)
        await self._check(asked.settings)
        now = self._clock.now()
        source = ImportSource(
            name=asked.name,
            kind=asked.kind,
            bk_biz_id=asked.bk_biz_id,
            settings=asked.settings.model_dump(by_alias=True),
            sealed_secret=self._sealed(asked.secret),
            every_minutes=asked.every_minutes,
            vanished=asked.vanished,
            enabled=asked.enabled,
            next_run_at=now + timedelta(minutes=asked.every_minutes) if asked.every_minutes is not None else None,
            created_by=caller.user or caller.app,
            created_at=now,
        )
        await self._inventory.add(session, [source], _taken(asked.name))
        record(session, caller.principal, "cmdb_source.created", "cmdb_source", source.id, after=_facts(source))
        return {"id": source.id}

    async def update(self, session: AsyncSession, caller: SignedCaller, asked: schemas.UpdateSource) -> Any:
        source = await self._sources.source(session, asked.id)
        before = _facts(source)
        settings = asked.netbox if source.kind == "netbox" else asked.ssh
        if settings is not None:
            await self._check(settings)
            source.settings = settings.model_dump(by_alias=True)
        for name in ("name", "vanished", "enabled"):
            if (value := getattr(asked, name)) is not None:
                setattr(source, name, value)
        if asked.every_minutes is not None:
            source.every_minutes = asked.every_minutes or None
            source.next_run_at = (
                self._clock.now() + timedelta(minutes=asked.every_minutes) if asked.every_minutes else None
            )
        if asked.secret is not None:
            source.sealed_secret = self._sealed(asked.secret)
        await self._keys.forget(session, source.id, asked.forget_host_keys)
        await self._inventory.flush(session, _taken(source.name))
        after = {**_facts(source), "secret_changed": asked.secret is not None, "forgotten": asked.forget_host_keys}
        record(session, caller.principal, "cmdb_source.updated", "cmdb_source", source.id, before=before, after=after)
        return {}

    async def delete(self, session: AsyncSession, caller: SignedCaller, asked: schemas.OfSource) -> Any:
        """Its hosts stay, and still tell that they came from it."""
        source = await self._sources.source(session, asked.id)
        record(session, caller.principal, "cmdb_source.deleted", "cmdb_source", source.id, before=_facts(source))
        await session.delete(source)
        return {}

    async def list(self, session: AsyncSession, _caller: SignedCaller, _asked: schemas.ListSources) -> Any:
        return [_shown(source) for source in await self._sources.all(session)]

    async def run(self, session: AsyncSession, caller: SignedCaller, asked: schemas.OfSource) -> Any:
        """Has it run as soon as a process is free; a run that is under way is followed by another."""
        source = await self._sources.source(session, asked.id)
        if not source.enabled:
            raise InUse(f"{source.name} is disabled; enable it first")
        source.next_run_at, source.run_by = self._clock.now(), caller.user or caller.app
        record(session, caller.principal, "cmdb_source.run_asked", "cmdb_source", source.id)
        return {}

    async def _check(self, settings: schemas.NetBoxSettings | schemas.SweepSettings) -> None:
        if isinstance(settings, schemas.NetBoxSettings):
            await checked_address(self._policy, settings.url, "netbox.url")
            return
        try:
            asyncssh.import_known_hosts(settings.known_hosts)
        except ValueError as error:
            raise ParameterWrong("ssh.known_hosts", str(error)) from None

    def _sealed(self, secret: schemas.Secret) -> str:
        if secret == schemas.Secret():
            return ""
        return self._secrets.seal(secret.model_dump_json().encode(), SECRET_PURPOSE)


def opened(secrets: SecretBox, source: ImportSource) -> schemas.Secret:
    """Raises SecretUnreadable."""
    if not source.sealed_secret:
        return schemas.Secret()
    return schemas.Secret.model_validate_json(secrets.open(source.sealed_secret, SECRET_PURPOSE))


def _taken(name: str) -> str:
    return f"The name {name} is taken by another import source"


def _facts(source: ImportSource) -> dict[str, Any]:
    return {
        "name": source.name,
        "kind": source.kind,
        "bk_biz_id": source.bk_biz_id,
        "settings": source.settings,
        "every_minutes": source.every_minutes,
        "vanished": source.vanished,
        "enabled": source.enabled,
    }


def _shown(source: ImportSource) -> dict[str, Any]:
    return {
        "id": source.id,
        **_facts(source),
        "has_secret": bool(source.sealed_secret),
        "running": source.lease_until is not None,
        "next_run_time": text_of(source.next_run_at),
        "created_by": source.created_by,
        "created_time": text_of(source.created_at),
    }
