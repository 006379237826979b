"""Files of sources on their way to hosts: dialled as checked, redirects not followed."""

import asyncio
from dataclasses import replace
from typing import Final

from adapters.job.service.errors import Missing
from adapters.job.service.file_sources.credentials import unseal
from adapters.job.service.file_sources.repository import FileSourceRepository
from adapters.job.service.file_sources.requests import request_of
from adapters.job.service.files.copying import copy
from adapters.job.service.files.spool import Fetched
from kernel.secrets import SecretUnreadable
from kernel.services import KernelServices
from kernel.transport.addresses import AddressPolicy
from kernel.transport.client import TransportClient
from kernel.transport.errors import TransportError
from kernel.transport.limits import Timeouts
from kernel.transport.response import Response

_OK: Final = 200
_TIMEOUTS: Final = Timeouts(connect=10.0, read=60.0)


class FileSourceReader:
    def __init__(self, kernel: KernelServices, repository: FileSourceRepository, policy: AddressPolicy) -> None:
        self._database = kernel.database
        self._secrets = kernel.secrets
        self._clock = kernel.clock
        self._repository = repository
        self._policy = policy

    async def read(self, wanted: Fetched, limit: int | None) -> Fetched:
        """Raises:
        OSError: the source is gone, away, or has no such file.
        TooLong: the file is larger than any may be.
        """
        url, headers = await self._request(wanted)
        client = TransportClient(self._policy)
        pairs = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
        try:
            answer = await client.request("GET", url, headers=pairs, timeouts=_TIMEOUTS)
            if answer.status != _OK:
                raise OSError(f"the source answers with {answer.status}")
            return replace(wanted, size=await _kept(answer, wanted, limit))
        except TransportError as error:
            raise OSError(f"the source can't be read: {error}") from None
        finally:
            await client.aclose()

    async def _request(self, wanted: Fetched) -> tuple[str, dict[str, str]]:
        source_id = wanted.source.store
        if source_id is None:
            raise OSError("its source is not known")
        try:
            async with self._database.reading() as session:
                source = await self._repository.source(session, wanted.source.scope, source_id)
            credential = unseal(self._secrets, source.credential_sealed)
        except (Missing, SecretUnreadable) as error:
            raise OSError(str(error)) from None
        return request_of(source, credential, wanted.path, self._clock.now())


async def _kept(answer: Response, wanted: Fetched, limit: int | None) -> int:
    async def piece(_most: int) -> bytes:
        return await answer.next_piece() or b""

    with await asyncio.to_thread(wanted.at.open, "wb") as here:
        return await copy(piece, lambda part: asyncio.to_thread(here.write, part), limit)
