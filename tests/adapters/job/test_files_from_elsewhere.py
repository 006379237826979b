"""Files that are distributed and come from people's own machines, HTTP servers and S3 buckets."""

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adapters.job.service.file_sources.credentials import Credential
from adapters.job.service.file_sources.requests import signed_headers
from kernel.audit.models import AuditRecord
from kernel.services import KernelServices
from kernel.settings import Settings
from tests.adapters.job.conftest import HERE, SCOPE, Jobs, host_of
from tests.adapters.kinds import one_database
from tests.support.echo import Echo


@pytest.fixture
async def echo() -> AsyncIterator[Echo]:
    async with Echo().serving() as serving:
        yield serving


@pytest.fixture
def settings(settings: Settings, echo: Echo) -> Settings:
    return settings.model_copy(update={"allowed_upstream_origins": (echo.url,), "job_local_files_mib": 1})


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


async def uploaded(jobs: Jobs, name: str, content: bytes, **more: Any) -> dict[str, Any]:
    asked = {**SCOPE, "file_name": name, "content": encoded(content), **more}
    return dict(await jobs.gateway.data("upload_local_file", asked))


def order(folder: Path, **source: Any) -> dict[str, Any]:
    target = {"ip_list": [{"bk_cloud_id": 0, "ip": HERE.ip}]}
    return {**SCOPE, "file_target_path": str(folder), "file_source_list": [source], "target_server": target}


async def distributed(jobs: Jobs, folder: Path, **source: Any) -> dict[str, Any]:
    executed = await jobs.gateway.data("fast_transfer_file", order(folder, **source))
    return host_of(await jobs.ended(executed))


async def made_source(jobs: Jobs, echo: Echo, **more: Any) -> int:
    source = {"code": "releases", "alias": "Releases", "type": "HTTP", "access_params": {"base_url": f"{echo.url}/dl"}}
    return int((await jobs.gateway.data("create_file_source", {**SCOPE, **source, **more}))["id"])


async def test_an_uploaded_file_comes_in_pieces_and_goes_to_hosts_whole(jobs: Jobs, tmp_path: Path) -> None:
    first = await uploaded(jobs, "release notes.txt", b"one,", is_last=False)
    early = await jobs.gateway.call("fast_transfer_file", order(tmp_path, file_type=2, file_list=[first["path"]]))
    assert "has not come whole" in early["message"]
    further = {**SCOPE, "id": first["id"], "content": encoded(b"two")}
    wrong = await jobs.gateway.call("upload_local_file", {**further, "offset": 1})
    assert "offset: is 1; 4 bytes have come" in wrong["message"]
    done = await jobs.gateway.data("upload_local_file", {**further, "offset": 4})
    assert (done["size"], done["is_complete"]) == (7, True)
    assert (await jobs.gateway.call("upload_local_file", {**further, "offset": 7}))["result"] is False
    host = await distributed(jobs, tmp_path / "there", file_type=2, file_list=done["path"])
    assert (host["status"], host["reason"]) == (9, "")
    assert (tmp_path / "there" / "release notes.txt").read_bytes() == b"one,two"
    listed = await jobs.gateway.data("get_local_file_list", {**SCOPE, "file_name": "notes"})
    assert [each["id"] for each in listed["data"]] == [done["id"]]
    await jobs.gateway.data("delete_local_file", {**SCOPE, "id": done["id"]})
    gone = await jobs.gateway.call("fast_transfer_file", order(tmp_path, file_type=2, file_list=[done["path"]]))
    assert "has no uploaded file" in gone["message"]


@one_database
async def test_uploads_are_bounded_and_another_scopes_are_not_found(idle_jobs: Jobs, tmp_path: Path) -> None:
    kept = await uploaded(idle_jobs, "a", bytes(700_000))
    for asked, why in (
        ({"file_name": "b", "content": encoded(bytes(400_000))}, "more than 1 MiB (TRUNKLINE_JOB_LOCAL_FILES_MIB)"),
        ({"file_name": "../b", "content": ""}, "plain name"),
        ({"file_name": "b", "content": "%"}, "is no base64"),
        ({"content": ""}, "file_name: is missing"),
    ):
        assert why in (await idle_jobs.gateway.call("upload_local_file", {**SCOPE, **asked}))["message"]
    assert (await idle_jobs.gateway.data("get_local_file_list", SCOPE))["total"] == 1
    other = {**order(tmp_path, file_type=2, file_list=[kept["path"]]), "bk_scope_id": "3"}
    assert "biz 3 has no uploaded file" in (await idle_jobs.gateway.call("fast_transfer_file", other))["message"]


async def test_a_file_of_a_source_is_read_with_its_credential_which_nothing_tells(
    jobs: Jobs, echo: Echo, kernel: KernelServices, tmp_path: Path
) -> None:
    source = await made_source(jobs, echo, credential={"token": "hidden-token"})
    echo.body = b"binary\x00content"
    host = await distributed(jobs, tmp_path, file_type=3, file_source_code="releases", file_list=["v 1/app.tgz"])
    assert (host["status"], host["reason"]) == (9, "")
    assert (tmp_path / "app.tgz").read_bytes() == b"binary\x00content"
    assert echo.received[0]["target"] == "/dl/v%201/app.tgz"
    assert echo.received[0]["headers"]["authorization"] == "Bearer hidden-token"
    listed = await jobs.gateway.data("get_file_source_list", SCOPE)
    assert listed["data"][0]["credential"] == "token"
    async with kernel.database.reading() as session:
        records = (await session.execute(select(AuditRecord))).scalars().all()
    assert "job_file_source.created" in {record.action for record in records}
    assert "hidden-token" not in str([(record.before, record.after) for record in records]) + str(listed)
    echo.status = "404 Not Found"
    missing = await distributed(jobs, tmp_path, file_type=3, file_source_id=source, file_list=["none"])
    assert "the source answers with 404" in missing["reason"]
    await jobs.gateway.data("delete_file_source", {**SCOPE, "id": source})


@one_database
async def test_an_object_of_a_bucket_is_read_by_a_signed_request(jobs: Jobs, echo: Echo, tmp_path: Path) -> None:
    keys = {"access_key": "AKIA", "secret_key": "hidden"}
    place = {"base_url": echo.url, "bucket": "releases", "region": "eu-central-1"}
    await made_source(jobs, echo, type="S3", access_params=place, credential=keys)
    await distributed(jobs, tmp_path, file_type=3, file_source_code="releases", file_list=["v1/app.tgz"])
    received = echo.received[0]
    assert received["target"] == "/releases/v1/app.tgz"
    assert received["headers"]["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIA/")
    assert (tmp_path / "app.tgz").exists()


def test_a_signature_is_that_of_the_published_example() -> None:
    """GET Object in the description of Signature Version 4 for S3."""
    credential = Credential(access_key="AKIAIOSFODNN7EXAMPLE", secret_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    url = "https://examplebucket.s3.amazonaws.com/test.txt"
    headers = signed_headers(url, {"range": "bytes=0-9"}, "us-east-1", credential, datetime(2013, 5, 24, tzinfo=UTC))
    assert headers["authorization"].endswith(
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    )


@one_database
async def test_what_leads_elsewhere_is_refused(idle_jobs: Jobs, echo: Echo, tmp_path: Path) -> None:
    await made_source(idle_jobs, echo)
    call = idle_jobs.gateway.call
    for path in ("../secret", "/etc/passwd", "folder/"):
        asked = order(tmp_path, file_type=3, file_source_code="releases", file_list=[path])
        assert "below the source's address" in (await call("fast_transfer_file", asked))["message"]
    assert "is not absolute" in (await call("fast_transfer_file", order(tmp_path, file_list=["etc/passwd"])))["message"]
    for params, why in (
        ({"access_params": {"base_url": "http://169.254.169.254/"}}, "TRUNKLINE_ALLOWED_UPSTREAM_ORIGINS"),
        ({"access_params": {"base_url": f"{echo.url}/?a=b"}}, "has a query"),
        ({"access_params": {"base_url": echo.url, "bucket": "releases"}}, "type S3"),
        ({"credential": {"access_key": "a", "secret_key": "b"}}, "credential: has"),
        ({"code": "releases"}, "exists already"),
    ):
        source = {"code": "other", "alias": "x", "type": "HTTP", "access_params": {"base_url": echo.url}, **params}
        assert why in (await call("create_file_source", {**SCOPE, **source}))["message"]
