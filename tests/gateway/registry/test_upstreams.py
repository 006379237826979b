"""Where a stage forwards to: configured by whoever manages the system, checked while somebody is looking."""

from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import select

from gateway.dataplane.upstream.guards import ServerState
from gateway.registry.upstreams.models import StageUpstream
from gateway.snapshot.model.upstreams import Upstream
from kernel.audit.models import AuditRecord
from kernel.settings import Settings
from kernel.transport.tls import ClientTls
from tests.support.certificates import self_signed
from tests.support.management import UPSTREAM, Management, document

PROD = "/v1/systems/cmdb/stages/prod/upstreams"
OTHER, SECURE = "http://127.0.0.1:9098/cmdb", "https://127.0.0.1:9443/cmdb"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    origins = ("http://127.0.0.1:9099", "http://127.0.0.1:9098", "https://127.0.0.1:9443")
    return settings.model_copy(update={"allowed_upstream_origins": origins})


def served(management: Management, name: str = "default") -> Upstream:
    return management.holder.current.systems["cmdb"].stages["prod"].settings.upstreams[name]


def targets(*urls: str, **more: Any) -> dict[str, Any]:
    return {"targets": [{"url": url} for url in urls], **more}


async def test_a_stage_begins_with_the_one_upstream_it_was_imported_with(management: Management) -> None:
    await management.import_system(document())
    (only,) = (await management.client.get(PROD)).json()["items"]
    assert (only["name"], only["targets"]) == ("default", [{"url": UPSTREAM, "weight": 1}])
    assert (await management.client.get(f"{PROD}/default")).json() == only


async def test_how_servers_do_is_told_for_the_stage_that_is_asked_for(management: Management) -> None:
    await management.import_system(document())
    assert (await management.client.get(f"{PROD}:servers")).json()["items"] == []
    states = [
        ServerState("cmdb", "prod", "default", "http://127.0.0.1:9099", is_up=True, in_flight=2),
        ServerState("cmdb", "prod", "default", "http://127.0.0.1:9098", is_up=False, in_flight=0),
        ServerState("job", "prod", "default", "http://127.0.0.1:9097", is_up=True, in_flight=1),
    ]
    management.unit.watch_servers(lambda: states)
    assert (await management.client.get(f"{PROD}:servers")).json()["items"] == [
        {"upstream": "default", "server": "http://127.0.0.1:9099", "is_up": True, "in_flight": 2},
        {"upstream": "default", "server": "http://127.0.0.1:9098", "is_up": False, "in_flight": 0},
    ]
    assert (await management.client.get("/v1/systems/cmdb/stages/none/upstreams:servers")).status_code == 404


async def test_what_is_put_is_served_and_on_record(management: Management) -> None:
    await management.import_system(document())
    health = {"active": {"path": "/healthz", "statuses": [200, 204]}, "passive": {"failures": 2}}
    body = targets(UPSTREAM, balance="consistent-hash", hash_on="header:x-shard", total_timeout=90, health=health)
    body["targets"].append({"url": OTHER + "/", "weight": 3})
    answer = (await management.client.put(f"{PROD}/default", json=body)).json()
    assert answer["live"] is True
    upstream = served(management)
    assert [(str(target.origin), target.weight) for target in upstream.targets] == [
        ("http://127.0.0.1:9099", 1),
        ("http://127.0.0.1:9098", 3),
    ]
    assert (upstream.path, upstream.balance, upstream.hash_on) == ("/cmdb", "consistent-hash", "header:x-shard")
    assert upstream.total_timeout == 90
    assert upstream.active is not None
    assert upstream.active.statuses == {200, 204}
    assert upstream.passive is not None
    assert upstream.passive.failures == 2
    async with management.kernel.database.reading() as session:
        changes = select(AuditRecord).where(AuditRecord.action == "upstream.changed")
        (change,) = (await session.execute(changes)).scalars()
    assert change.before is not None
    assert change.before["targets"] == [{"url": UPSTREAM, "weight": 1}]
    assert change.after is not None
    assert change.after["balance"] == "consistent-hash"


async def test_an_import_keeps_a_configured_upstream_and_refuses_to_undo_it(management: Management) -> None:
    await management.import_system(document())
    await management.client.put(f"{PROD}/default", json=targets(OTHER, UPSTREAM))
    assert (await management.import_system(document(), aliases=["cc"])).status_code == 200
    assert len(served(management).targets) == 2
    refused = await management.import_system(document(), upstream_url="http://127.0.0.1:9099/elsewhere")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (409, "upstream_url")
    assert len(served(management).targets) == 2


async def test_further_upstreams_come_and_go(management: Management) -> None:
    await management.import_system(document())
    assert (await management.client.put(f"{PROD}/archive", json=targets(OTHER))).json()["live"] is True
    assert served(management, "archive").targets[0].origin.port == 9098
    names = [each["name"] for each in (await management.client.get(PROD)).json()["items"]]
    assert names == ["default", "archive"]
    assert (await management.client.delete(f"{PROD}/archive")).json()["live"] is True
    assert set(management.holder.current.systems["cmdb"].stages["prod"].settings.upstreams) == {"default"}
    assert (await management.client.delete(f"{PROD}/archive")).status_code == 404
    assert (await management.client.delete(f"{PROD}/default")).status_code == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "targets"),
        ({"targets": []}, "targets"),
        ({"targets": [{"url": UPSTREAM, "weight": 0}]}, "targets"),
        (targets(UPSTREAM, "http://127.0.0.1:1/cmdb"), "targets.1.url"),
        (targets("http://169.254.169.254/"), "targets.0.url"),
        (targets(f"{UPSTREAM}?x=1"), "targets.0.url"),
        (targets(UPSTREAM, UPSTREAM), "targets.1.url"),
        (targets(UPSTREAM, "http://127.0.0.1:9098/other"), "targets"),
        (targets(UPSTREAM, balance="random"), "balance"),
        (targets(UPSTREAM, hash_on="header:"), "hash_on"),
        (targets(UPSTREAM, timeout=0), "timeout"),
        (targets(UPSTREAM, health={"active": {"path": "healthz"}}), "health.active.path"),
        (targets(UPSTREAM, tls={"server_name": "cmdb.internal"}), "tls"),
        (targets(SECURE, tls={"authority": "-----BEGIN nonsense"}), "tls"),
        (targets(SECURE, tls={"certificate": "x"}), "tls.private_key"),
        (targets(SECURE, tls={"private_key": "x"}), "tls.private_key"),
        (targets(SECURE, tls={"certificate": "x", "private_key": "y"}), "tls"),
        (targets(UPSTREAM, unknown=1), "unknown"),
    ],
)
async def test_a_wrong_upstream_is_named_and_changes_nothing(
    management: Management, body: dict[str, Any], field: str
) -> None:
    await management.import_system(document())
    answer = await management.client.put(f"{PROD}/default", json=body)
    assert answer.status_code == 422, answer.text
    assert [problem["field"] for problem in answer.json()["errors"]] == [field]
    async with management.kernel.database.reading() as session:
        assert (await session.execute(select(StageUpstream))).first() is None


async def test_a_client_certificates_key_is_sealed_never_shown_and_kept_when_left_out(management: Management) -> None:
    await management.import_system(document())
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = self_signed("gateway", key)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    tls = {"authority": certificate, "certificate": certificate, "private_key": private, "server_name": "cmdb.internal"}
    answer = await management.client.put(f"{PROD}/default", json=targets(SECURE, tls=tls))
    assert answer.status_code == 200, answer.text
    assert answer.json()["upstream"]["tls"]["has_private_key"] is True
    assert "PRIVATE" not in answer.text
    kept = served(management).targets[0].origin.tls
    assert kept is not None
    assert kept.key.decode() == private
    assert (kept.server_name, "PRIVATE" in repr(kept)) == ("cmdb.internal", False)
    again = {key: value for key, value in tls.items() if key != "private_key"}
    assert (await management.client.put(f"{PROD}/default", json=targets(SECURE, tls=again, timeout=7))).is_success
    after = served(management)
    assert (after.timeout, after.targets[0].origin.tls) == (7, kept)
    shard = str(management.holder.current.systems["cmdb"].to_document())
    async with management.kernel.database.reading() as session:
        rows = str([row.model_dump() for row in (await session.execute(select(StageUpstream))).scalars()])
        audit = str([row.model_dump() for row in (await session.execute(select(AuditRecord))).scalars()])
    assert "PRIVATE" not in shard + rows + audit


def client_key() -> tuple[str, str]:
    """Certificate and key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return self_signed("gateway", key), private


async def keep(management: Management, value: str) -> httpx.Response:
    body = {"source": "stored", "value": value}
    return await management.client.put("/v1/systems/cmdb/secrets/client-key", json=body)


def tls_served(management: Management) -> ClientTls:
    tls = served(management).targets[0].origin.tls
    assert tls is not None
    return tls


async def test_a_client_certificates_key_may_be_a_named_secret_of_the_system(management: Management) -> None:
    await management.import_system(document())
    certificate, private = client_key()
    tls = {"certificate": certificate, "secret_name": "client-key"}
    missing = await management.client.put(f"{PROD}/default", json=targets(SECURE, tls=tls))
    assert (missing.status_code, missing.json()["errors"][0]["field"]) == (422, "tls.secret_name")
    assert (await keep(management, client_key()[1])).is_success
    alien = await management.client.put(f"{PROD}/default", json=targets(SECURE, tls=tls))
    assert (alien.status_code, alien.json()["errors"][0]["field"]) == (422, "tls")
    assert (await keep(management, private)).is_success
    both = await management.client.put(f"{PROD}/default", json=targets(SECURE, tls=tls | {"private_key": private}))
    assert (both.status_code, both.json()["errors"][0]["field"]) == (422, "tls.secret_name")
    put = await management.client.put(f"{PROD}/default", json=targets(SECURE, tls=tls))
    assert put.status_code == 200, put.text
    shown = put.json()["upstream"]["tls"]
    assert (shown["has_private_key"], shown["secret_name"]) == (True, "client-key")
    assert tls_served(management).key.decode() == private
    (secret,) = (await management.client.get("/v1/systems/cmdb/secrets")).json()["items"]
    assert secret["used_by"] == ["prod"]
    assert (await management.client.delete("/v1/systems/cmdb/secrets/client-key")).status_code == 409
    refused = await keep(management, client_key()[1])
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "value")
    assert tls_served(management).key.decode() == private
    assert "PRIVATE" not in put.text + refused.text


async def test_certificate_and_key_change_together_in_one_secret(management: Management) -> None:
    await management.import_system(document())
    first, second = ("".join(client_key()) for _ in range(2))
    await keep(management, first)
    tls = {"secret_name": "client-key"}
    assert (await management.client.put(f"{PROD}/default", json=targets(SECURE, tls=tls))).is_success
    assert tls_served(management).key.decode() == first
    changed = await keep(management, second)
    assert (changed.status_code, changed.json()["live"]) == (200, True), changed.text
    assert tls_served(management).key.decode() == second
    exported = (await management.client.get("/v1/systems/cmdb/export")).json()
    assert "PRIVATE" not in str(exported)
    assert (await management.client.put(f"{PROD}/default", json=targets(SECURE))).is_success
    applied = await management.client.post("/v1/systems/cmdb:apply", json=exported)
    assert applied.status_code == 200, applied.text
    assert tls_served(management).key.decode() == second


async def test_only_who_manages_the_system_changes_its_upstreams(management: Management) -> None:
    await management.import_system(document())
    somebody = await management.person("somebody")
    assert (await somebody.get(PROD)).status_code == 200
    assert (await somebody.put(f"{PROD}/default", json=targets(OTHER))).status_code == 403
    assert (await somebody.delete(f"{PROD}/default")).status_code == 403
    assert (await management.anonymous().get(PROD)).status_code == 401
    for path in ("/v1/systems/nowhere/stages/prod/upstreams", "/v1/systems/cmdb/stages/nowhere/upstreams"):
        assert (await management.client.put(f"{path}/default", json=targets(OTHER))).status_code == 404
        assert (await management.client.get(path)).status_code == 404
