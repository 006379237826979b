import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.snapshot.model.errors import ShardError
from gateway.snapshot.model.snapshot import Snapshot, SnapshotHolder, compile_shard


def pem(key):
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


EC_PEM = pem(ec.generate_private_key(ec.SECP256R1()))


def system(name="cmdb", *aliases: str, secret="sealed"):
    signing = {"profile": "http-message-signature", "key_id": name, "secret": secret}
    stage = {"release": "1.0.0", "upstream": {"base_url": "http://u/"}, "signing": signing}
    return {"kind": "system", "name": name, "aliases": list(aliases), "stages": {"prod": stage}}


def compiled(document):
    return compile_shard(document, lambda sealed: sealed.upper().encode())


def test_secrets_are_opened_at_compile_and_stay_sealed_in_the_document():
    shard = compiled(system())
    assert shard.stages["prod"].settings.signing.secret == b"SEALED"
    assert "SEALED" not in repr(shard)
    assert "SEALED" not in json.dumps(shard.to_document())
    assert compiled(shard.to_document()).stages["prod"].settings.upstreams["default"].targets[0].origin.host == "u"


def test_a_change_shares_what_did_not_change_and_leaves_the_old_snapshot_as_it_was():
    first = Snapshot().with_shards(1, [compiled(system("cmdb", "cc")), compiled({"kind": "app", "app_code": "a"})])
    second = first.with_shards(2, [compiled(system("job", "jobv3"))])
    assert second.systems["cc"] is second.systems["cmdb"] is first.systems["cmdb"]
    assert second.apps["a"] is first.apps["a"]
    assert (first.revision, second.revision, "job" in first.systems) == (1, 2, False)
    third = second.with_shards(3, [], removed=["system:cmdb", "app:a"])
    assert set(third.systems) == {"job", "jobv3"}
    assert dict(third.apps) == {}
    assert {shard.key for shard in second.shards()} == {
        "system:cmdb", "system:job", "app:a", "keys", "revocations",
    }  # fmt: skip


def test_a_system_renamed_in_its_aliases_loses_the_old_ones():
    first = Snapshot().with_shards(1, [compiled(system("cmdb", "cc"))])
    assert set(first.with_shards(2, [compiled(system("cmdb", "inventory"))]).systems) == {"cmdb", "inventory"}


def test_a_name_beats_another_systems_alias():
    snapshot = Snapshot().with_shards(1, [compiled(system("cc")), compiled(system("cmdb", "cc"))])
    assert snapshot.systems["cc"].name == "cc"


def test_a_holder_swaps_whole_snapshots():
    holder = SnapshotHolder()
    next_one = Snapshot().with_shards(5, [])
    holder.swap(next_one)
    assert holder.current is next_one


def test_grants_cover_a_component_or_a_whole_system_until_they_expire():
    app = compiled(
        {
            "kind": "app", "app_code": "a",
            "grants": [
                {"system": "cmdb", "component": "x", "expires_at": 100},
                {"system": "cmdb", "component": "x", "expires_at": 200},
                {"system": "job", "component": None, "expires_at": None},
            ],
        }
    )  # fmt: skip
    assert app.may_call("cmdb", "cmdb.x", 199)
    assert not app.may_call("cmdb", "cmdb.x", 200)
    assert not app.may_call("cmdb", "cmdb.y", 1)
    assert app.may_call("job", "job.anything", 1e12)


def test_an_app_is_verified_by_any_of_its_current_secrets():
    from hashlib import sha256  # noqa: PLC0415 - only here

    secrets = [
        {"sha256": sha256(b"old").hexdigest(), "expires_at": 100},
        {"sha256": sha256(b"new").hexdigest(), "expires_at": None},
    ]
    app = compiled({"kind": "app", "app_code": "a", "secrets": secrets})
    assert app.verifies("old", 99)
    assert not app.verifies("old", 100)
    assert app.verifies("new", 1e12)
    assert not app.verifies("", 1)


def test_revocations_cover_single_tokens_what_came_of_an_authorization_and_all_earlier_ones_of_an_app_or_user():
    shard = compiled(
        {
            "kind": "revocations",
            "tokens": [{"jti": "t", "expires_at": 9}],
            "authorizations": [{"sid": "s", "expires_at": 9}],
            "apps": [{"app_code": "a", "issued_before": 50}],
            "users": [{"username": "ann", "issued_before": 60}],
        }
    )  # fmt: skip
    assert shard.covers("u", "b", 99, "s")
    assert shard.covers("u", "b", 59, "", "ann")
    assert not shard.covers("u", "b", 60, "r", "ann")
    assert shard.covers("t", "b", 99)
    assert shard.covers("u", "a", 49)
    assert not shard.covers("u", "a", 50)
    assert shard.covers("u", "b", 99, origins=[("v", "b"), ("t", "b")])
    assert shard.covers("u", "b", 49, origins=[("v", "a")])
    assert not shard.covers("u", "b", 50, origins=[("v", "a")])


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"kind": "nothing"},
        {"kind": "system"},
        {"kind": "system", "name": "x", "stages": {"prod": {}}},
        system() | {"aliases": [1]},
        {"kind": "system", "name": "x", "stages": {"prod": {"release": "1", "upstream": {"base_url": "ftp://x"}}}},
        {"kind": "system", "name": "x", "stages": {"prod": {"release": "1", "upstream": {"base_url": "http://u:p@x"}}}},
        {"kind": "system", "name": "x", "stages": {"prod": {"release": "1", "upstream": {"base_url": "http://x/?a"}}}},
        {"kind": "system", "name": "x", "stages": {"prod": {"release": "1", "upstream": {"base_url": "http://x/a b"}}}},
        {
            "kind": "system", "name": "x",
            "stages": {"prod": {"release": "1", "upstream": {"base_url": "http://x"}, "signing": {"profile": "magic"}}},
        },
        {"kind": "app", "app_code": "a", "grants": [{"system": "x", "expires_at": "soon"}]},
        {"kind": "app", "app_code": "a", "grants": ["x"]},
        {"kind": "keys", "issuer": "i", "audience": "a", "keys": [{"kid": "k", "alg": "HS256", "public_key": "x"}]},
        {"kind": "keys", "issuer": "i", "audience": "a", "keys": [{"kid": "k", "alg": "ES256", "public_key": "x"}]},
        {
            "kind": "keys", "issuer": "i", "audience": "a",
            "keys": [{"kid": "k", "alg": "Ed25519", "public_key": EC_PEM}],
        },
        {
            "kind": "keys", "issuer": "i", "audience": "a",
            "keys": [{"kid": "k", "alg": "ES256", "public_key": pem(rsa.generate_private_key(65537, 2048))}],
        },
    ],
)  # fmt: skip
def test_a_document_that_is_not_a_shard_is_refused(document):
    with pytest.raises(ShardError):
        compiled(document)
