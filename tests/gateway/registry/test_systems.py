import pytest

from tests.support.management import Management, document


async def test_an_imported_system_is_release_1_0_0_on_prod_and_live(management: Management) -> None:
    answer = await management.import_system(document(), aliases=["cc"])
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert {k: body[k] for k in ("system", "release", "stage", "components", "live")} == {
        "system": "cmdb",
        "release": "1.0.0",
        "stage": "prod",
        "components": 3,
        "live": True,
    }
    shard = management.holder.current.systems["cc"]
    assert shard is management.holder.current.systems["cmdb"]
    stage = shard.stages["prod"]
    assert stage.settings.signing.profile == "http-message-signature"
    keys = await management.unit.system_keys.verification_keys("cmdb")
    assert keys == {"cmdb": stage.settings.signing.secret}
    assert len(keys["cmdb"]) == 32
    view = (await management.client.get("/v1/systems/cmdb")).json()
    assert (view["title"], view["aliases"], view["owner"], view["components_count"]) == (
        "Inventory",
        ["cc"],
        "admin",
        3,
    )


async def test_the_same_document_again_changes_nothing_and_a_changed_one_is_the_next_release(
    management: Management,
) -> None:
    first = (await management.import_system(document())).json()
    same = (await management.import_system(document())).json()
    assert (same["release"], same["revision"]) == ("1.0.0", first["revision"])
    changed = (await management.import_system(document(**{"/racks": {"get": {"operationId": "list_racks"}}}))).json()
    assert (changed["release"], changed["components"]) == ("1.1.0", 4)
    assert changed["revision"] > first["revision"]
    back = await management.client.post("/v1/systems/cmdb/stages/prod:activate", json={"release": "1.0.0"})
    assert back.json()["live"] is True
    assert len(management.holder.current.systems["cmdb"].stages["prod"].components) == 3
    releases = (await management.client.get("/v1/systems/cmdb/releases")).json()["items"]
    assert {release["version"] for release in releases} == {"1.0.0", "1.1.0"}
    old = await management.client.get("/v1/systems/cmdb/components/list_racks")
    assert old.status_code == 404
    new = await management.client.get("/v1/systems/cmdb/components/list_racks", params={"release": "1.1.0"})
    assert new.json()["scopes"] == ["cmdb:read"]


async def test_an_import_that_changes_settings_alone_is_no_activation(management: Management) -> None:
    await management.import_system(document())
    await management.import_system(document(), envelope=True)
    await management.import_system(document(**{"/disks": {"get": {"operationId": "list_disks"}}}))
    stages = [each.action for each in await management.audit("system", "cmdb") if each.action.startswith("stage.")]
    assert stages == ["stage.activated", "stage.changed", "stage.activated"]


async def test_components_are_listed_page_by_page_in_the_documents_order(management: Management) -> None:
    await management.import_system(document())
    first = (await management.client.get("/v1/systems/cmdb/components?limit=2")).json()
    second = (await management.client.get("/v1/systems/cmdb/components", params={"cursor": first["next"]})).json()
    assert [c["name"] for c in first["items"] + second["items"]] == ["list_hosts", "create_host", "get_host"]
    assert second["next"] is None


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9100/x",
        "http://localhost:1/",
        "http://10.0.0.1/",
        "http://[::1]/",
        "http://169.254.169.254/latest",
        "http://user:pw@example.com/",
        "ftp://example.com/",
        "http://127.0.0.1:9099/x?y=1",
        "nonsense",
    ],
)
async def test_an_upstream_inside_the_machine_is_refused_with_a_remedy(management: Management, url: str) -> None:
    answer = await management.import_system(document(), upstream_url=url)
    assert answer.status_code == 422
    (problem,) = answer.json()["errors"]
    assert problem["field"] == "upstream_url"
    assert problem["remedy"]
    assert (await management.client.get("/v1/systems")).json()["items"] == []


async def test_a_bad_document_changes_nothing_and_names_each_place(management: Management) -> None:
    broken = document(**{"/a": {"get": {"parameters": [{"$ref": "other.yaml#/x"}]}}})
    answer = await management.import_system(broken)
    assert answer.status_code == 422
    assert answer.json()["code"] == "bad_document"
    assert answer.json()["errors"][0]["field"] == "document/paths/~1a/get/parameters/0/$ref"
    assert (await management.client.get("/v1/systems")).json()["items"] == []
    assert "cmdb" not in management.holder.current.systems


async def test_names_and_aliases_belong_to_one_system(management: Management) -> None:
    await management.import_system(document(), aliases=["cc"])
    for name, aliases in (("cc", []), ("other", ["cmdb"]), ("other", ["cc"])):
        assert (await management.import_system(document(), name, aliases=aliases)).status_code == 409
    assert (await management.import_system(document(), "c")).status_code == 422


async def test_only_registrars_register_and_only_owners_change(management: Management) -> None:
    ann = await management.person("ann")
    body = {"document": document(), "name": "cmdb", "upstream_url": "http://127.0.0.1:9099/cmdb"}
    refused = await ann.post("/v1/systems:import", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    await management.import_system(document(), owner="ann")
    assert (await ann.post("/v1/systems:import", json=body | {"envelope": True})).status_code == 200
    bob = await management.person("bob")
    assert (await bob.get("/v1/systems/cmdb")).json()["stages"][0]["envelope"] is True
    activation = await bob.post("/v1/systems/cmdb/stages/prod:activate", json={"release": "1.0.0"})
    assert activation.status_code == 403


async def test_a_jwt_system_signs_with_a_private_key_of_its_own(management: Management) -> None:
    assert (await management.import_system(document(), signing="jwt")).json()["live"] is True
    signing = management.holder.current.systems["cmdb"].stages["prod"].settings.signing
    assert signing.profile == "jwt"
    assert signing.secret.startswith(b"-----BEGIN PRIVATE KEY-----")
    assert await management.unit.system_keys.verification_keys("cmdb") == {}


async def test_the_directory_finds_components_by_name_and_alias(management: Management) -> None:
    await management.import_system(document(), aliases=["cc"])
    directory = management.unit.components
    async with management.kernel.database.reading() as session:
        found = await directory.find(session, "cc", "create_host")
        assert found is not None
        assert (found.system, found.method, found.is_read, found.scopes) == ("cmdb", "POST", False, ("cmdb:write",))
        assert await directory.find(session, "cmdb", "nothing") is None
        assert await directory.known_scopes(session) == {
            "cmdb:read", "cmdb:write", "cmdb.list_hosts", "cmdb.create_host", "cmdb.get_host",
        }  # fmt: skip
