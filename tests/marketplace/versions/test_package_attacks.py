"""Packages that are attacks: each is refused with a reason, and nothing of it is written."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select
from sqlmodel import SQLModel

from marketplace.package.archive import write_archive
from marketplace.package.limits import SIGNATURES
from marketplace.package.package import read_package
from marketplace.package.signatures import public_half, render_signatures, sign
from tests.support.hostile_archives import ATTACKS
from tests.support.marketplace import MarketplaceHouse
from tests.support.packages import FIND_HOST, RUN_SCRIPT, files_of, manifest_of
from trunkline.tables import load_metadata

FIRST, SECOND = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()


def _signed(version: str, *keys: Ed25519PrivateKey, **changed: Any) -> bytes:
    files = files_of(manifest_of(FIND_HOST, version=version, **changed))
    digest = read_package(write_archive(files)).digest
    return write_archive({**files, SIGNATURES: render_signatures(sign(digest, key) for key in keys)})


async def _rows(house: MarketplaceHouse) -> dict[str, int]:
    async with house.database.reading() as session:
        return {
            table.name: (await session.execute(select(func.count()).select_from(table))).scalar_one()
            for table in load_metadata().sorted_tables
        }


async def _refused(house: MarketplaceHouse, archive: bytes, user: str, status: int) -> list[dict[str, str]]:
    """What is told of a package that must be refused."""
    before = await _rows(house)
    answer = await house.upload(archive, user)
    assert answer.status_code == status, answer.text
    assert await _rows(house) == before
    errors: list[dict[str, str]] = answer.json()["errors"]
    assert all(error["problem"] for error in errors)
    return errors


async def test_every_hostile_archive_is_refused_by_name_and_leaves_nothing(house: MarketplaceHouse) -> None:
    assert SQLModel.metadata.tables
    before = await _rows(house)
    for name, (make, field) in ATTACKS.items():
        answer = await house.upload(make(), "alice")
        assert answer.status_code in {413, 422}, name
        if answer.status_code == 422:
            assert [error["field"] for error in answer.json()["errors"]] == [field], name
    assert await _rows(house) == before


async def test_a_check_tells_the_same_by_name_of_the_check_and_writes_nothing(house: MarketplaceHouse) -> None:
    before = await _rows(house)
    make, field = ATTACKS["traversal"]
    headers = {"Content-Type": "application/zip"}
    report = (await house.client.post("/plugins:check", content=make(), headers=headers)).json()
    assert report["publishable"] is False
    archive, *others = report["checks"]
    assert (archive["name"], archive["result"], archive["problems"][0]["field"]) == ("archive", "failed", field)
    assert {check["result"] for check in others} == {"skipped"}
    good = (await house.client.post("/plugins:check", content=_signed("1.0.0", FIRST), headers=headers)).json()
    assert good["publishable"] is True
    assert {check["name"]: check["result"] for check in good["checks"]} == {
        "archive": "passed",
        "manifest": "passed",
        "form": "skipped",
        "names": "passed",
        "components": "passed",
        "version": "passed",
        "signatures": "passed",
        "growth": "passed",
    }
    assert await _rows(house) == before


async def test_a_signature_is_never_downgraded(house: MarketplaceHouse) -> None:
    assert (await house.upload(_signed("1.0.0"), "alice")).status_code == 201, "unsigned at first"
    assert (await house.upload(_signed("2.0.0", FIRST), "alice")).status_code == 201
    attempts = {
        "without a signature": _signed("2.0.1"),
        "below the signed one": _signed("1.0.1"),
        "below all": _signed("0.9.0"),
        "by a stranger": _signed("2.0.1", SECOND),
        "by a stranger below": _signed("1.0.1", SECOND),
    }
    for name, archive in attempts.items():
        (error,) = await _refused(house, archive, "alice", 422)
        assert error["field"] == SIGNATURES, name
        assert public_half(FIRST) in error["remedy"], name


async def test_a_key_is_changed_by_a_version_that_both_sign(house: MarketplaceHouse) -> None:
    assert (await house.upload(_signed("1.0.0", FIRST), "alice")).status_code == 201
    assert (await house.upload(_signed("1.0.1", FIRST, SECOND), "alice")).status_code == 201
    assert (await house.upload(_signed("1.0.2", SECOND), "alice")).status_code == 201
    (error,) = await _refused(house, _signed("1.0.3", FIRST), "alice", 422)
    assert error["field"] == SIGNATURES, "the old key counts no more"


async def test_a_signature_of_another_package_is_refused(house: MarketplaceHouse) -> None:
    files = files_of(FIND_HOST)
    wrong = render_signatures([sign("sha256:" + "0" * 64, FIRST)])
    (error,) = await _refused(house, write_archive({**files, SIGNATURES: wrong}), "alice", 422)
    assert "is not of this package" in error["problem"]


async def test_a_squatted_name_is_refused(house: MarketplaceHouse) -> None:
    assert (await house.publish(FIND_HOST, "alice")).status_code == 201
    for code in ("find_h0st", "findhost", "find_hosts", "fnid_host"):
        squatted = write_archive(files_of(manifest_of(FIND_HOST, code=code, publisher="bobs")))
        (error,) = await _refused(house, squatted, "bob", 403)
        assert (error["field"], "find_host" in error["problem"]) == ("code", True), code
    alike = write_archive(files_of(manifest_of(RUN_SCRIPT, publisher="acrne")))
    (error,) = await _refused(house, alike, "bob", 403)
    assert error["field"] == "publisher"
    own = manifest_of(FIND_HOST, code="find_hosts")
    assert (await house.publish(own, "alice")).status_code == 201, "of the same publisher it confuses nobody"


async def test_a_reserved_prefix_is_for_its_publishers_alone(house: MarketplaceHouse) -> None:
    assert (await house.publish(manifest_of(FIND_HOST, code="cc_old", publisher="bobs"), "bob")).status_code == 201
    body = {"publishers": ["acme"]}
    for user, status in (("alice", 403), ("admin", 200)):
        answer = await house.client.put("/plugin-namespaces/cc_", json=body, headers={"X-Test-User": user})
        assert answer.status_code == status
    reserved = write_archive(files_of(manifest_of(FIND_HOST, code="cc_find", publisher="bobs")))
    for user in ("bob", "admin"):
        (error,) = await _refused(house, reserved, user, 403)
        assert (error["field"], "acme" in error["problem"]) == ("code", True)
    assert (await house.publish(manifest_of(FIND_HOST, code="cc_find"), "alice")).status_code == 201
    later = manifest_of(FIND_HOST, code="cc_old", publisher="bobs", version="1.0.1")
    assert (await house.publish(later, "bob")).status_code == 201, "what was there before goes on"
    assert (await house.client.delete("/plugin-namespaces/cc_")).status_code == 204
    freed = manifest_of(FIND_HOST, code="cc_other", publisher="bobs")
    assert (await house.publish(freed, "bob")).status_code == 201
