"""Documents of components, sent as an archive."""

import io
import tarfile
import zipfile

import pytest

from tests.support.management import Management
from tests.support.registration import RESOURCES, SYNC, App


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/") + ".md", content)
    return buffer.getvalue()


def tarred(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


@pytest.mark.parametrize("archive", [zipped(zh__get_item=b"# doc"), tarred("./docs/zh/get_item.md", b"# doc")])
async def test_documents_stand_beside_their_components(management: Management, shop: App, archive: bytes) -> None:
    await shop.data(f"{SYNC}/resources/", {"content": RESOURCES})
    answer = await shop.client.post(f"{SYNC}/resource-docs/", files={"file": ("docs", archive)})
    assert (answer.status_code, answer.json()) == (201, {"data": None})
    drafted = (await management.client.get("/v1/systems/bk-shop/draft/components/get_item")).json()
    assert drafted["component"]["texts"] == {"zh": {"doc": "# doc"}}


@pytest.mark.parametrize(
    "archive",
    [
        b"", b"PK\x03\x04", b"x" * 2000, zipped(zh__nothing=b"# doc"), zipped(zh__get_item=b"\xff"),
        zipped(zh__get_item=b" " * 300_000), tarred("../../zh/../get_item.md", b"x"),
    ],
)  # fmt: skip
async def test_an_archive_that_is_none_is_refused(shop: App, archive: bytes) -> None:
    await shop.data(f"{SYNC}/resources/", {"content": RESOURCES})
    answer = await shop.client.post(f"{SYNC}/resource-docs/", files={"file": ("docs", archive)})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_ARGUMENT")
