from marketplace.installs.installed_versions import InstalledVersions
from tests.support.marketplace import OTHER_PROJECT, PROJECT, MarketplaceHouse
from tests.support.packages import FIND_HOST


async def test_an_install_is_found_with_its_consent_and_manifest(house: MarketplaceHouse) -> None:
    await house.publish(FIND_HOST)
    await house.install("find_host", ["cmdb:read"])
    installed = InstalledVersions(house.database, house.unit.manifests)
    found = await installed.find(PROJECT.id, "find_host", "1.0.0")
    assert found is not None
    assert found.scopes == {"cmdb:read"}
    assert found.manifest.inputs == FIND_HOST["inputs"]
    assert await installed.find(OTHER_PROJECT.id, "find_host", "1.0.0") is None
    assert await installed.find(PROJECT.id, "find_host", "1.0.1") is None


async def test_what_another_process_installed_is_found_at_once(house: MarketplaceHouse) -> None:
    await house.publish(FIND_HOST)
    installed = InstalledVersions(house.database, house.unit.manifests)
    assert await installed.find(PROJECT.id, "find_host", "1.0.0") is None
    await house.install("find_host", ["cmdb:read"])
    assert await installed.find(PROJECT.id, "find_host", "1.0.0") is not None


async def test_what_another_process_switched_on_may_run_at_once(house: MarketplaceHouse) -> None:
    await house.publish(FIND_HOST)
    await house.install("find_host", ["cmdb:read"])
    switch = "/projects/shop/plugins/find_host"
    assert (await house.client.post(f"{switch}:disable", json={"reason": "it lies"})).is_success
    installed = InstalledVersions(house.database, house.unit.manifests)
    refused = await installed.find(PROJECT.id, "find_host", "1.0.0")
    assert refused is not None
    assert refused.refusal is not None
    assert (await house.client.post(f"{switch}:enable")).is_success
    allowed = await installed.find(PROJECT.id, "find_host", "1.0.0")
    assert allowed is not None
    assert allowed.refusal is None
