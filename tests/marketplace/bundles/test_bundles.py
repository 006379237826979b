"""Plugins taken from one installation to another in one file."""

import io
import json
import zipfile
from dataclasses import replace
from typing import Any

import pytest

from marketplace.bundles import service
from marketplace.bundles.archive import Bundle, BundledPackage, read_bundle, write_bundle
from marketplace.bundles.errors import BundleRefused
from marketplace.package.package import read_package
from tests.support.marketplace import MarketplaceHouse, as_user
from tests.support.packages import FIND_HOST, RUN_SCRIPT, archive_of, manifest_of

ZIP = {"Content-Type": "application/zip"}


async def _bundle(house: MarketplaceHouse) -> bytes:
    """Of two plugins, both published here."""
    await house.publish(FIND_HOST, "alice")
    await house.publish(RUN_SCRIPT, "alice")
    path = "/plugin-bundles?plugin=run_script@1.0.0&plugin=find_host@1.0.0"
    answer = await house.client.get(path, headers=as_user("viewer"))
    assert answer.status_code == 200, answer.text
    return answer.content


async def _take(house: MarketplaceHouse, content: bytes, user: str = "bob") -> Any:
    return await house.client.post("/plugin-bundles", content=content, headers={**ZIP, **as_user(user)})


async def test_what_is_taken_along_arrives_byte_for_byte_with_all_checks(house: MarketplaceHouse) -> None:
    content = await _bundle(house)
    bundle = read_bundle(content)
    assert [package.archive for package in bundle.packages] == [archive_of(FIND_HOST), archive_of(RUN_SCRIPT)]
    assert write_bundle(bundle) == content
    again = (await _take(house, content, "alice")).json()
    assert [each["outcome"] for each in again["packages"]] == ["unchanged", "unchanged"]
    renewed = archive_of(manifest_of(FIND_HOST, version="1.1.0"))
    newer = await house.client.post("/plugins", content=renewed, headers={**ZIP, **as_user("alice")})
    assert newer.status_code == 201
    assert (await house.client.get("/plugin-bundles?plugin=find_host@9.9.9")).status_code == 404
    assert (await house.client.get("/plugin-bundles?plugin=find_host")).status_code == 422


async def test_no_bundle_is_made_that_no_installation_would_take(
    house: MarketplaceHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = len(await _bundle(house))
    monkeypatch.setattr(service, "MAX_BUNDLE", size // 2)
    path = "/plugin-bundles?plugin=run_script@1.0.0&plugin=find_host@1.0.0"
    refused = await house.client.get(path)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "plugin")
    assert (await house.client.get("/plugin-bundles?plugin=find_host@1.0.0")).status_code == 200


async def test_a_bundle_of_which_one_package_is_refused_leaves_nothing(house: MarketplaceHouse) -> None:
    made = _packages(manifest_of(FIND_HOST), manifest_of(RUN_SCRIPT, scopes=[]))
    refused = await _take(house, made, "alice")
    assert (refused.status_code, refused.json()["code"]) == (422, "bundle_refused")
    assert refused.json()["errors"][0]["field"] == "run_script 1.0.0: scopes"
    assert (await house.client.get("/plugins")).json()["items"] == []
    assert (await _take(house, made, "viewer")).status_code == 403


async def test_a_preview_tells_what_would_become_of_each_and_writes_nothing(house: MarketplaceHouse) -> None:
    await house.publish(FIND_HOST, "alice")
    bundle = _packages(
        FIND_HOST,
        manifest_of(FIND_HOST, version="1.0.1"),
        manifest_of(RUN_SCRIPT, scopes=[]),
        manifest_of(RUN_SCRIPT, version="1.0.1"),
    )
    path = "/plugin-bundles:preview"
    answer = await house.client.post(path, content=bundle, headers={**ZIP, **as_user("alice")})
    assert answer.status_code == 200, answer.text
    found = answer.json()["packages"]
    assert [each["outcome"] for each in found] == ["unchanged", "published", "refused", "published"]
    assert found[2]["problems"][0].startswith("scopes don't admit")
    codes = [plugin["code"] for plugin in (await house.client.get("/plugins")).json()["items"]]
    assert codes == ["find_host"]
    assert (await house.client.get("/plugins/find_host")).json()["latest_version"] == "1.0.0"
    assert (await house.client.post(path, content=bundle, headers={**ZIP, **as_user("viewer")})).status_code == 403


async def test_a_package_with_another_digest_than_the_bundle_says_is_refused(house: MarketplaceHouse) -> None:
    bundle = read_bundle(_packages(FIND_HOST))
    other = archive_of(manifest_of(FIND_HOST, tags=["other"]))
    swapped = Bundle((replace(bundle.packages[0], archive=other),))
    refused = await _take(house, write_bundle(swapped), "alice")
    assert refused.json()["errors"][0]["field"] == "packages/find_host-1.0.0.zip"
    assert (await house.client.get("/plugins")).json()["items"] == []


def _packages(*manifests: dict[str, Any]) -> bytes:
    packages = [read_package(archive_of(manifest)) for manifest in manifests]
    return write_bundle(
        Bundle(
            tuple(
                BundledPackage(each.manifest.code, each.manifest.version, each.digest, "stable", each.archive)
                for each in packages
            )
        )
    )


def _zip(files: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data, method)
    return buffer.getvalue()


INDEX = json.dumps({"format": "trunkline-bundle/1", "packages": [], "flows": []}).encode()


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b"", "bundle"),
        (b"nonsense", "bundle"),
        (_zip({}), "bundle.json"),
        (_zip({"bundle.json": b"[]"}), "bundle.json"),
        (_zip({"bundle.json": b"{}"}), "bundle.json"),
        (_zip({"bundle.json": INDEX, "../evil": b""}), "../evil"),
        (_zip({"bundle.json": INDEX, "packages/a/b.zip": b""}), "packages/a/b.zip"),
        (_zip({"bundle.json": INDEX, "packages/find-1.0.0.zip": b""}), "packages/find-1.0.0.zip"),
        (_zip({"bundle.json": INDEX + b" " * 9000}, zipfile.ZIP_DEFLATED), "bundle"),
        (_zip({"bundle.json": INDEX.replace(b'"packages": []', b'"packages": [1]')}), "bundle.json"),
        (write_bundle(Bundle((BundledPackage("find", "1.0.0", "", "\0", b""),))), "bundle.json"),
        (write_bundle(Bundle((BundledPackage("find", "1.0.0", "", "x" * 33, b""),))), "bundle.json"),
    ],
)
def test_what_is_no_bundle_is_refused_by_name(content: bytes, field: str) -> None:
    with pytest.raises(BundleRefused) as caught:
        read_bundle(content)
    assert [problem.field for problem in caught.value.fields] == [field]


def test_flows_come_along() -> None:
    flow = {"format": "trunkline-flow/1", "name": "检查", "definition": {"nodes": []}}
    assert read_bundle(write_bundle(Bundle((), (flow,)))).flows == (flow,)
