"""Which of BlueKing's habits a system goes along with: said by its owner, live, on record."""

from tests.support.management import Management, document


async def test_owners_say_how_bluekings_clients_reach_their_system(management: Management) -> None:
    await management.import_system(document())
    url = "/v1/systems/cmdb/compatibility"
    assert (await management.client.get(url)).json() == {"self_service": False, "parameter_credentials": False}
    assert management.holder.current.self_service == ()
    changed = await management.client.put(url, json={"self_service": True, "parameter_credentials": True})
    assert (changed.status_code, changed.json()["live"]) == (200, True)
    (shard,) = management.holder.current.self_service
    assert (shard.name, shard.stages["prod"].settings.parameter_credentials) == ("cmdb", True)
    again = await management.client.put(url, json={"self_service": True, "parameter_credentials": True})
    assert again.json()["revision"] == changed.json()["revision"]
    assert (await management.client.put(url, json={"self_service": True})).status_code == 422


async def test_others_say_nothing_about_it(management: Management) -> None:
    await management.import_system(document())
    ann = await management.person("ann")
    wanted = {"self_service": True, "parameter_credentials": True}
    assert (await ann.put("/v1/systems/cmdb/compatibility", json=wanted)).status_code == 403
    assert (await ann.get("/v1/systems/cmdb/related-apps")).status_code == 403
    assert management.holder.current.self_service == ()


async def test_addresses_that_all_systems_share_are_an_administrators_to_give(management: Management) -> None:
    await management.import_system(document())
    ann = await management.person("ann")
    await management.import_system(document(), owner="ann")
    url = "/v1/systems/cmdb/compatibility"
    assert (await ann.put(url, json={"self_service": False, "parameter_credentials": True})).status_code == 200
    shared = {"self_service": True, "parameter_credentials": True}
    assert (await ann.put(url, json=shared)).status_code == 403
    assert management.holder.current.self_service == ()
    assert (await management.client.put(url, json=shared)).status_code == 200
    assert (await ann.put(url, json={"self_service": True, "parameter_credentials": False})).status_code == 200
    assert (await ann.put(url, json={"self_service": False, "parameter_credentials": False})).status_code == 200
