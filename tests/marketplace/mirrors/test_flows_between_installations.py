"""Signed flows of the catalogue taken from one installation to another: followed, and in one file."""

import io
import zipfile
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from marketplace.bundles.archive import Bundle, BundledPackage, read_bundle, write_bundle
from marketplace.package.archive import read_archive, write_archive
from marketplace.package.limits import FLOW, SIGNATURES
from marketplace.package.signatures import public_half
from marketplace.package.signing import sign_archive
from tests.marketplace.mirrors.conftest import Mirroring
from tests.marketplace.package.test_flow_package import CONTENT, packed
from tests.support.marketplace import MarketplaceHouse, as_user
from tests.support.packages import FIND_HOST, archive_of, manifest_of

KEY = Ed25519PrivateKey.generate()
TRUSTED = {"plugin_trust_roots": (public_half(KEY),)}
ZIP = {"Content-Type": "application/zip"}
RANGE = ">=1.0.0 <2.0.0"
SIGNED = sign_archive(packed().archive, [KEY])


async def _publish(house: MarketplaceHouse, *archives: bytes) -> None:
    for archive in archives:
        made = await house.client.post("/plugins", content=archive, headers={**ZIP, **as_user("alice")})
        assert made.status_code == 201, made.text


async def _bundle(house: MarketplaceHouse, *wanted: str) -> bytes:
    answer = await house.client.get("/plugin-bundles", params={"plugin": list(wanted)})
    assert answer.status_code == 200, answer.text
    return answer.content


async def _take(mirroring: Mirroring, bundle: bytes, how: str = "") -> Any:
    return await mirroring.here.client.post(f"/plugin-bundles{how}", content=bundle, headers=ZIP)


async def _lacks(mirroring: Mirroring) -> dict[str, dict[str, str]]:
    items = (await mirroring.here.client.get("/plugin-mirrors/hub/versions")).json()["items"]
    return {each["plugin_code"]: each["lacks"] for each in items}


def _zipped(files: dict[str, bytes]) -> bytes:
    """With the checksums that are among them, right or not."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _without_signature(archive: bytes) -> bytes:
    return write_archive({name: data for name, data in read_archive(archive).items() if name != SIGNATURES})


@pytest.mark.parametrize("here_settings", [TRUSTED])
async def test_a_signed_flow_is_followed_byte_for_byte_and_what_it_needs_is_told_until_it_is_there(
    mirroring: Mirroring,
) -> None:
    await _publish(mirroring.origin.house, archive_of(FIND_HOST), SIGNED)
    await mirroring.follow()
    versions = await mirroring.versions()
    assert (versions["check_disks 1.0.0"], versions["find_host 1.0.0"][0]) == (("taken", ""), "refused")
    taken = await mirroring.here.client.get("/plugins/check_disks/versions/1.0.0/package")
    assert taken.content == SIGNED
    assert await _lacks(mirroring) == {"check_disks": {"find_host": RANGE}, "find_host": {}}
    shown = (await mirroring.here.client.get("/plugins/check_disks/versions/1.0.0/flow")).json()
    assert (shown["definition"], shown["lacks"]) == (CONTENT["definition"], {"find_host": RANGE})
    await _publish(mirroring.origin.house, sign_archive(archive_of(manifest_of(FIND_HOST, version="1.1.0")), [KEY]))
    await mirroring.round()
    assert await _lacks(mirroring) == {"check_disks": {}, "find_host": {}}


@pytest.mark.parametrize("here_settings", [TRUSTED])
@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        ("unsigned", "SIGNATURES is not signed"),
        ("by another", "SIGNATURES is signed by no key that is trusted here"),
        ("of another", "is not of this package"),
        ("tampered", "flow.json"),
    ],
)
async def test_a_flow_whose_signature_or_content_is_not_right_is_refused_with_the_reason(
    mirroring: Mirroring, spoil: str, problem: str
) -> None:
    await _publish(mirroring.origin.house, SIGNED)
    files = read_archive(SIGNED)
    match spoil:
        case "unsigned":
            sent = _without_signature(SIGNED)
        case "by another":
            sent = sign_archive(_without_signature(SIGNED), [Ed25519PrivateKey.generate()])
        case "of another":
            other = sign_archive(packed(version="1.0.1").archive, [KEY])
            sent = write_archive({**files, SIGNATURES: read_archive(other)[SIGNATURES]})
        case _:
            sent = _zipped({**files, FLOW: files[FLOW].replace(b"find_host", b"find_most")})
    mirroring.origin.instead["/v1/packages/"] = (200, "application/zip", sent)
    await mirroring.follow()
    state, why = (await mirroring.versions())["check_disks 1.0.0"]
    assert (state, problem in why) == ("refused", True), why
    assert (await mirroring.here.client.get("/plugins/check_disks")).status_code == 404


async def test_a_bundle_of_a_flow_carries_the_plugins_it_needs(mirroring: Mirroring) -> None:
    newer = [archive_of(manifest_of(FIND_HOST, version=version)) for version in ("1.1.0", "2.0.0")]
    await _publish(mirroring.origin.house, archive_of(FIND_HOST), *newer, SIGNED)
    bundle = await _bundle(mirroring.origin.house, "check_disks@1.0.0")
    assert [(each.code, each.version) for each in read_bundle(bundle).packages] == [
        ("check_disks", "1.0.0"), ("find_host", "1.1.0"),
    ]  # fmt: skip
    report = (await _take(mirroring, bundle)).json()["packages"]
    assert [(each["outcome"], each["lacks"]) for each in report] == [("published", {}), ("published", {})]
    found = (await mirroring.here.client.get("/plugins/check_disks/versions/1.0.0")).json()
    assert (found["kind"], found["signers"]) == ("flow", [public_half(KEY)])
    named = await _bundle(mirroring.origin.house, "check_disks@1.0.0", "find_host@1.0.0")
    assert [each.version for each in read_bundle(named).packages] == ["1.0.0", "1.0.0"], "the one that was named"


async def test_what_no_bundle_could_carry_is_told_before_and_after_it_is_taken(mirroring: Mirroring) -> None:
    await _publish(mirroring.origin.house, SIGNED)
    bundle = await _bundle(mirroring.origin.house, "check_disks@1.0.0")
    preview, taken = (await _take(mirroring, bundle, ":preview")).json(), (await _take(mirroring, bundle)).json()
    for report in (preview, taken):
        (only,) = report["packages"]
        assert (only["outcome"], only["lacks"]) == ("published", {"find_host": RANGE})


async def test_a_bundle_in_which_a_flow_was_changed_leaves_nothing(mirroring: Mirroring) -> None:
    await _publish(mirroring.origin.house, archive_of(FIND_HOST), SIGNED)
    (flow, plugin) = read_bundle(await _bundle(mirroring.origin.house, "check_disks@1.0.0")).packages
    files = read_archive(SIGNED)
    changed = _zipped({**files, FLOW: files[FLOW].replace(b"find_host", b"find_most")})
    sent = write_bundle(Bundle((BundledPackage(flow.code, flow.version, flow.digest, "stable", changed), plugin)))
    refused = await _take(mirroring, sent)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "check_disks 1.0.0: CHECKSUMS: flow.json"
    assert (await mirroring.here.client.get("/plugins")).json()["items"] == []
