import asyncio

import pytest

from tests.support.management import Management, document


async def test_many_who_ask_at_once_for_the_keys_share_one_look(
    management: Management, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0
    read = management.unit.services.keyring.public_keys

    async def counted(session):
        nonlocal looks
        looks += 1
        await asyncio.sleep(0.05)
        return await read(session)

    monkeypatch.setattr(management.unit.services.keyring, "public_keys", counted)
    answers = await asyncio.gather(*(management.client.get("/oauth/jwks") for _ in range(20)))
    assert looks == 1
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].json()["keys"][0]["kty"] == "EC"


async def test_a_look_that_fails_is_not_kept(management: Management, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(_session):
        raise OSError("away")

    with monkeypatch.context() as patched:
        patched.setattr(management.unit.services.keyring, "public_keys", away)
        with pytest.raises(OSError, match="away"):
            await management.unit.services.oauth.documents.jwks()
    assert (await management.client.get("/oauth/jwks")).json()["keys"]


async def test_the_protected_resource_names_every_scope(management: Management) -> None:
    await management.import_system(document())
    told = (await management.client.get("/.well-known/oauth-protected-resource")).json()
    assert {"cmdb:read", "cmdb:write", "cmdb.list_hosts"} <= set(told["scopes_supported"])
