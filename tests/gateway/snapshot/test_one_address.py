"""All processes over one database name the same issuer, or the tokens of some are refused by the others."""

import pytest

from gateway.snapshot.model.snapshot import SnapshotHolder
from gateway.unit import GatewayUnit
from kernel.errors import Conflict
from kernel.services import KernelServices
from tests.support.management import Management

OTHER = "http://127.0.0.1:9999"


def _other(kernel: KernelServices) -> GatewayUnit:
    settings = kernel.settings.model_copy(update={"public_url": OTHER})
    changed = KernelServices(settings, kernel.database, kernel.secrets, kernel.clock)
    return GatewayUnit(changed, SnapshotHolder())


async def _issuer(management: Management) -> str:
    answer = await management.anonymous().get("/.well-known/oauth-authorization-server")
    issuer: str = answer.json()["issuer"]
    return issuer


async def test_a_second_address_is_refused_while_the_first_is_served(management: Management) -> None:
    before = management.holder.current.keys
    with pytest.raises(Conflict, match="TRUNKLINE_PUBLIC_URL") as refused:
        async with management.kernel.database.unit_of_work() as session:
            await _other(management.kernel).prepare(session)
    assert before is not None
    assert before.issuer in str(refused.value)
    async with management.kernel.database.unit_of_work() as session:
        await management.unit.prepare(session)
    assert management.holder.current.keys.issuer == before.issuer == await _issuer(management)


async def test_a_new_address_is_taken_once_nobody_serves_the_old(management: Management) -> None:
    await management.unit.stop()
    async with management.kernel.database.unit_of_work() as session:
        assert await _other(management.kernel).prepare(session) is None
