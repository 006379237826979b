import asyncio
from typing import Any

import pytest
from sqlmodel import col, select

from kernel.audit.models import AuditRecord
from kernel.db.database import Database
from marketplace.package.archive import write_archive
from marketplace.versions.models import PluginArchiveRow, PluginVersionRow
from tests.support.marketplace import MarketplaceHouse
from tests.support.packages import FIND_HOST, RUN_SCRIPT, archive_of, files_of, manifest_of


async def _audit(database: Database, action: str) -> list[AuditRecord]:
    async with database.reading() as session:
        rows = await session.execute(select(AuditRecord).where(col(AuditRecord.action) == action))
        return list(rows.scalars())


async def test_a_package_becomes_a_version_with_its_form_scopes_and_texts(house: MarketplaceHouse) -> None:
    answer = await house.publish(FIND_HOST)
    assert answer.status_code == 201, answer.text
    view = answer.json()
    assert view["code"] == "find_host"
    assert view["digest"].startswith("sha256:")
    assert view["scopes"] == FIND_HOST["scopes"]
    assert view["form"] == {
        "schema": FIND_HOST["inputs"],
        "uischema": FIND_HOST["form"]["uischema"],
        "i18n": FIND_HOST["form"]["i18n"],
    }
    assert view["readme"] == "# A plugin\n"
    assert view["published_by"] == "admin"
    assert view["published_at"] == "2026-01-02T03:04:05Z"
    assert (await house.client.get("/plugins/find_host/versions/1.0.0")).json() == view


async def test_fields_keep_the_order_in_which_their_author_wrote_them(house: MarketplaceHouse) -> None:
    await house.publish(FIND_HOST)
    view = (await house.client.get("/plugins/find_host/versions/1.0.0")).json()
    assert list(view["inputs"]["properties"]) == ["ip", "biz", "note"]


async def test_the_archive_is_kept_byte_for_byte(house: MarketplaceHouse) -> None:
    await house.publish(FIND_HOST)
    async with house.database.reading() as session:
        (kept,) = (await session.execute(select(PluginArchiveRow))).scalars()
    assert kept.content == archive_of(FIND_HOST)


async def test_publication_is_audited_with_its_digest(house: MarketplaceHouse) -> None:
    view = (await house.publish(FIND_HOST, "alice")).json()
    (kept,) = await _audit(house.database, "plugin.published")
    assert (kept.actor, kept.resource_id) == ("alice", "find_host")
    assert kept.after == {
        "version": "1.0.0",
        "digest": view["digest"],
        "publisher": "acme",
        "scopes": ["cmdb:read"],
        "channel": "stable",
        "published_by": "alice",
    }


async def test_the_same_package_again_answers_the_same_and_changes_nothing(house: MarketplaceHouse) -> None:
    first = await house.publish(FIND_HOST)
    again = await house.publish(FIND_HOST)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert len(await _audit(house.database, "plugin.published")) == 1


async def test_a_published_version_cannot_change(house: MarketplaceHouse) -> None:
    first = (await house.publish(FIND_HOST)).json()
    answer = await house.publish(manifest_of(FIND_HOST, tags=["other"]))
    assert answer.status_code == 409
    assert answer.json()["code"] == "version_exists"
    assert answer.json()["errors"][0]["field"] == "version"
    assert (await house.client.get("/plugins/find_host/versions/1.0.0")).json() == first


async def test_older_lines_may_be_continued_without_becoming_the_latest(house: MarketplaceHouse) -> None:
    for version in ("1.0.0", "2.0.0", "1.0.1", "3.0.0-rc.1"):
        assert (await house.publish(manifest_of(FIND_HOST, version=version))).status_code == 201
    plugin = (await house.client.get("/plugins/find_host")).json()
    assert plugin["latest_version"] == "2.0.0"
    assert [each["version"] for each in plugin["versions"]] == ["3.0.0-rc.1", "1.0.1", "2.0.0", "1.0.0"]


async def test_the_first_publisher_of_a_code_owns_it(house: MarketplaceHouse) -> None:
    assert (await house.publish(FIND_HOST, "alice")).status_code == 201
    answer = await house.publish(manifest_of(FIND_HOST, version="1.0.1"), "bob")
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["field"] == "code"
    assert (await house.publish(manifest_of(FIND_HOST, version="1.0.1"), "alice")).status_code == 201
    assert (await house.publish(manifest_of(FIND_HOST, version="1.0.2"), "admin")).status_code == 201


async def test_a_publisher_name_belongs_to_who_used_it_first(house: MarketplaceHouse) -> None:
    await house.publish(FIND_HOST, "alice")
    answer = await house.publish(RUN_SCRIPT, "bob")
    assert answer.status_code == 403
    assert answer.json()["code"] == "publisher_taken"
    assert answer.json()["errors"][0]["field"] == "publisher"
    assert (await house.publish(manifest_of(RUN_SCRIPT, publisher="bobs"), "bob")).status_code == 201


async def test_a_plugin_stays_with_its_publisher(house: MarketplaceHouse) -> None:
    await house.publish(FIND_HOST, "alice")
    answer = await house.publish(manifest_of(FIND_HOST, version="2.0.0", publisher="other"), "alice")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (403, "publisher")


async def test_publishing_needs_permission_before_the_body_is_looked_at(house: MarketplaceHouse) -> None:
    assert (await house.publish(FIND_HOST, "dev")).status_code == 403
    assert (await house.upload(b"nonsense", "dev")).status_code == 403
    assert (await house.upload(b"nonsense", "")).status_code == 401


async def test_two_publications_at_once_leave_one_version(house: MarketplaceHouse) -> None:
    answers = await asyncio.gather(*(house.publish(FIND_HOST) for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {200, 201, 409}
    assert [answer.status_code for answer in answers].count(201) == 1
    async with house.database.reading() as session:
        assert len((await session.execute(select(PluginVersionRow))).scalars().all()) == 1


def _find(**component: Any) -> dict[str, Any]:
    return manifest_of(FIND_HOST, component={**FIND_HOST["component"], **component})


def _call(**call: Any) -> dict[str, Any]:
    return _find(call={**FIND_HOST["component"]["call"], **call})


def _also(components: list[str]) -> dict[str, Any]:
    """What components in Python among those it calls call in turn."""
    return _find(also_calls=components)


def _polling(component: str) -> dict[str, Any]:
    made = manifest_of(RUN_SCRIPT)
    made["component"]["poll"]["call"]["component"] = component
    return made


_WHY = {"en": "Because.", "zh": "因为。"}


@pytest.mark.parametrize(
    ("manifest", "fields"),
    [
        (_call(component="cmdb.no_such"), ["component.call.component"]),
        (_call(component="nobody.list_hosts"), ["component.call.component"]),
        (_call(component="cc.list_hosts"), ["component.call.component"]),
        (_call(path={}), ["component.call.path.biz"]),
        (_call(path={"biz": 1, "set": 2}), ["component.call.path.set"]),
        (_call(component="cmdb.get_host", path={"id": 1}), ["component.call.body"]),
        (_polling("job.execute"), ["component.poll.call.component"]),
        (_polling("job.gone"), ["component.poll.call.component"]),
        (manifest_of(FIND_HOST, scopes=[]), ["scopes"]),
        (manifest_of(FIND_HOST, scopes=[{"scope": "cmdb:admin", "reason": _WHY}]), ["scopes[0].scope", "scopes"]),
        (
            manifest_of(FIND_HOST, scopes=[*FIND_HOST["scopes"], {"scope": "job:execute", "reason": _WHY}]),
            ["scopes[1].scope"],
        ),
        (_also(["nobody.list_hosts"]), ["component.also_calls[0].component"]),
        (_also(["job.execute"]), ["scopes"]),
    ],
)
async def test_what_does_not_agree_with_the_registry_is_refused_by_field(
    house: MarketplaceHouse, manifest: dict[str, Any], fields: list[str]
) -> None:
    answer = await house.publish(manifest)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == fields
    assert (await house.client.get("/plugins")).json()["items"] == []


async def test_a_scope_of_one_component_admits_its_call(house: MarketplaceHouse) -> None:
    scopes = [{"scope": "cmdb.list_hosts", "reason": _WHY}]
    assert (await house.publish(manifest_of(FIND_HOST, scopes=scopes))).status_code == 201


async def test_what_its_calls_call_in_turn_is_applied_for_too(house: MarketplaceHouse) -> None:
    scopes = [*FIND_HOST["scopes"], {"scope": "job:execute", "reason": _WHY}]
    published = await house.publish(manifest_of(_also(["job.execute"]), scopes=scopes))
    assert published.status_code == 201, published.text
    made = await house.install("find_host", ["cmdb:read", "job:execute"])
    assert [(each["system"], each["component"]) for each in made.json()["grants"]][-1] == ("job", "execute")


async def test_pictures_of_a_version_are_shown_as_what_they_are(house: MarketplaceHouse) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(20)
    archive = write_archive({**files_of(FIND_HOST), "screenshots/form.png": picture})
    assert (await house.upload(archive)).json()["screenshots"] == ["form.png"]
    path = "/plugins/find_host/versions/1.0.0/screenshots"
    shown = await house.client.get(f"{path}/form.png")
    assert (shown.content, shown.headers["content-type"]) == (picture, "image/png")
    assert (await house.client.get(f"{path}/other.png")).status_code == 404
