import base64

from sqlalchemy import select

from gateway.registry.models import SystemKey
from kernel.audit.models import AuditRecord
from tests.support.management import Management, document


async def _signing_secret(management: Management) -> bytes:
    return management.holder.current.systems["cmdb"].stages["prod"].settings.signing.secret


async def test_a_system_keeps_its_key_through_imports_and_a_change_of_profile(management: Management) -> None:
    await management.import_system(document())
    first = await _signing_secret(management)
    await management.import_system(document(**{"/racks": {"get": {"operationId": "list_racks"}}}))
    assert await _signing_secret(management) == first
    assert (await management.import_system(document(), signing="none")).json()["live"] is True
    assert await _signing_secret(management) == b""
    assert (await management.import_system(document(), signing="http-message-signature")).json()["live"] is True
    assert await _signing_secret(management) == first
    assert await management.unit.system_keys.verification_keys("cmdb") == {"cmdb": first}


async def test_systems_have_keys_of_their_own_sealed_at_rest(management: Management) -> None:
    await management.import_system(document())
    await management.import_system(document(), "job")
    one, two = [await management.unit.system_keys.verification_keys(name) for name in ("cmdb", "job")]
    assert set(one.values()).isdisjoint(two.values())
    async with management.kernel.database.reading() as session:
        kept = list((await session.execute(select(SystemKey.sealed))).scalars())
    assert len(kept) == 2
    for secret in (*one.values(), *two.values()):
        assert not any(secret.hex() in sealed for sealed in kept)


async def test_an_unregistered_system_has_no_keys(management: Management) -> None:
    assert await management.unit.system_keys.verification_keys("nowhere") == {}


async def test_an_import_that_fails_late_leaves_nothing_behind(management: Management) -> None:
    """The owner is checked inside the transaction, after the names."""
    answer = await management.import_system(document(), owner="ghost")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "owner")
    async with management.kernel.database.reading() as session:
        assert (await session.execute(select(SystemKey))).first() is None
    assert await management.unit.system_keys.verification_keys("cmdb") == {}
    assert "cmdb" not in management.holder.current.systems


async def test_who_manages_a_system_reads_its_keys_and_each_look_is_on_record(management: Management) -> None:
    await management.import_system(document())
    await management.import_system(document(), signing="jwt")
    answer = await management.client.post("/v1/systems/cmdb:reveal-keys")
    assert answer.headers["Cache-Control"] == "no-store"
    shared, public, esb = answer.json()["items"]
    assert {"cmdb": base64.b64decode(shared["secret"])} == await management.unit.system_keys.verification_keys("cmdb")
    assert (shared["profile"], shared["public_key"]) == ("http-message-signature", None)
    assert (public["profile"], public["secret"]) == ("jwt", None)
    assert public["public_key"].startswith("-----BEGIN PUBLIC KEY-----")
    assert (esb["key_id"], esb["public_key"] == public["public_key"]) == ("apigw", False)
    async with management.kernel.database.reading() as session:
        looks = select(AuditRecord).where(AuditRecord.action == "system_keys.revealed")
        (look,) = (await session.execute(looks)).scalars()
    assert look.after == {"keys": ["http-message-signature/cmdb", "jwt/cmdb", "jwt/apigw"]}


async def test_others_do_not_read_a_systems_keys(management: Management) -> None:
    await management.import_system(document())
    somebody = await management.person("somebody")
    assert (await somebody.post("/v1/systems/cmdb:reveal-keys")).status_code == 403
    assert (await management.anonymous().post("/v1/systems/cmdb:reveal-keys")).status_code == 401
    assert (await management.client.post("/v1/systems/nowhere:reveal-keys")).status_code == 404
