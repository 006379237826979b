"""What a version owes to the one before it."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from marketplace.package.archive import write_archive
from marketplace.package.limits import SIGNATURES
from marketplace.package.package import read_package
from marketplace.package.signatures import public_half, render_signatures, sign
from tests.support.marketplace import build_house
from tests.support.packages import FIND_HOST, files_of, manifest_of

FIRST, SECOND = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
RENAMED = {**FIND_HOST["inputs"], "required": ["ip", "biz"]}


def signed(version, *keys: Ed25519PrivateKey, **changed: object):
    files = files_of(manifest_of(FIND_HOST, version=version, **changed))
    digest = read_package(write_archive(files)).digest
    return write_archive({**files, SIGNATURES: render_signatures(sign(digest, key) for key in keys)})


async def test_a_change_that_breaks_users_needs_a_step_that_says_so(house):
    assert (await house.upload(signed("1.0.0"))).status_code == 201
    refused = await house.upload(signed("1.1.0", inputs=RENAMED))
    assert refused.status_code == 422
    assert refused.json()["errors"] == [
        {
            "field": "inputs.biz",
            "problem": "is required now",
            "remedy": "Raise 1.0.0 by a major step",
            "code": "change.required",
            "params": {"before": "1.0.0", "step": "major"},
        }
    ]
    assert (await house.upload(signed("2.0.0", inputs=RENAMED))).status_code == 201
    assert (await house.upload(signed("1.0.1"))).status_code == 201, "an old line goes on"


async def test_who_has_signed_once_goes_on_signing(house):
    assert (await house.upload(signed("1.0.0", FIRST))).status_code == 201
    for archive in (signed("1.0.1"), signed("1.0.1", SECOND)):
        refused = await house.upload(archive)
        assert refused.status_code == 422
        assert [error["field"] for error in refused.json()["errors"]] == [SIGNATURES]
    assert (await house.upload(signed("1.0.1", FIRST, SECOND))).status_code == 201
    assert (await house.upload(signed("1.0.2", SECOND))).status_code == 201


async def test_with_trust_roots_one_of_them_must_have_signed(kernel):
    house = build_house(kernel, plugin_trust_roots=(public_half(FIRST),))
    for archive in (signed("1.0.0"), signed("1.0.0", SECOND)):
        refused = await house.upload(archive)
        assert refused.status_code == 422
        assert [error["field"] for error in refused.json()["errors"]] == [SIGNATURES]
    assert (await house.upload(signed("1.0.0", FIRST, SECOND))).status_code == 201
    await house.close()


@pytest.mark.parametrize("trusted", [(), (public_half(FIRST),)])
async def test_a_signature_of_another_package_is_refused(kernel, trusted):
    house = build_house(kernel, plugin_trust_roots=trusted)
    files = files_of(FIND_HOST)
    wrong = render_signatures([sign("sha256:" + "0" * 64, FIRST)])
    refused = await house.upload(write_archive({**files, SIGNATURES: wrong}))
    assert refused.status_code == 422
    assert "is not of this package" in refused.json()["errors"][0]["problem"]
    await house.close()
