"""An embedded system whose database is away: nothing was done, and the caller is told when to ask again."""

import json
from dataclasses import replace

import pytest

from adapters.cmdb.service.app import build_app
from kernel.db.database import Database
from kernel.http.nonces import MemoryNonces, NonceStore
from kernel.services import KernelServices
from tests.adapters.gateway import Gateway, OneKey
from tests.support.server import free_port

BODY = json.dumps({"data": {"bk_biz_name": "shop"}}).encode()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("fails_at", ["the signature's nonce", "the component"])
async def test_a_call_is_answered_as_one_to_be_made_again(kernel: KernelServices, fails_at: str) -> None:
    away = replace(kernel, database=Database(f"postgresql+asyncpg://nobody@127.0.0.1:{free_port()}/nothing"))
    nonces: NonceStore | None = MemoryNonces(kernel.clock) if fails_at == "the component" else None
    gateway = Gateway(build_app(away, OneKey(), nonces), kernel.clock)
    answer = await gateway.send(gateway.signed("POST", "/create_business", BODY, key="a key"))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    await away.database.close()
