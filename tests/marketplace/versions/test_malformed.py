"""Whatever is wrong with an uploaded package: a 4xx that names the field, and no row changed."""

import pytest
from sqlalchemy import func, select

from kernel.db.database import Database
from marketplace.package.limits import MAX_ARCHIVE
from tests.marketplace.package.test_archive import ATTACKS
from tests.support.malformed_manifests import MALFORMED
from tests.support.marketplace import MarketplaceHouse
from tests.support.packages import FIND_HOST, RUN_SCRIPT, archive_of
from trunkline.tables import load_metadata


async def _rows(database: Database) -> dict[str, int]:
    counts: dict[str, int] = {}
    async with database.reading() as session:
        for table in load_metadata().sorted_tables:
            counts[table.name] = (await session.execute(select(func.count()).select_from(table))).scalar_one()
    return counts


async def test_every_malformed_package_is_refused_by_field_and_changes_nothing(house: MarketplaceHouse) -> None:
    assert (await house.publish(RUN_SCRIPT)).status_code == 201
    before = await _rows(house.database)
    cases = [(name, make(), field) for name, (make, field) in ATTACKS.items()]
    cases += [(name, archive_of(document), field) for name, (document, field) in MALFORMED.items()]
    assert len(cases) > 80
    for name, archive, field in cases:
        answer = await house.upload(archive)
        expected = 413 if len(archive) > MAX_ARCHIVE else 422
        assert answer.status_code == expected, (name, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"
        if expected == 422:
            assert [each["field"] for each in answer.json()["errors"]] == [field], name
    assert await _rows(house.database) == before


@pytest.mark.parametrize(
    "media_type", ["", "application/json", "multipart/form-data", "text/plain", "application/zipx"]
)
async def test_another_media_type_is_refused(house: MarketplaceHouse, media_type: str) -> None:
    answer = await house.upload(archive_of(FIND_HOST), media_type=media_type)
    assert answer.status_code == 415
    assert (await house.client.get("/plugins")).json()["items"] == []


async def test_a_body_is_refused_as_soon_as_it_is_too_long(house: MarketplaceHouse) -> None:
    sent = 0

    async def endless() -> object:
        nonlocal sent
        while True:
            sent += 1
            yield b"P" * 1024 * 1024

    answer = await house.client.post("/plugins", content=endless(), headers={"Content-Type": "application/zip"})
    assert answer.status_code == 413
    assert sent < 20
