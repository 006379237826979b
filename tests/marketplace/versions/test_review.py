"""Versions that ask for more than the one before wait in quarantine for somebody else."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlmodel import col, select

from kernel.audit.models import AuditRecord
from kernel.services import KernelServices
from marketplace.package.archive import write_archive
from tests.support.marketplace import MarketplaceHouse, as_user, build_house
from tests.support.packages import FIND_HOST, archive_of, files_of, manifest_of

WHY = {"en": "Because.", "zh": "因为。"}
GROWN = manifest_of(
    FIND_HOST,
    version="1.1.0",
    scopes=[*FIND_HOST["scopes"], {"scope": "cmdb.list_hosts", "reason": WHY}],
)


@pytest.fixture
async def house(kernel: KernelServices) -> AsyncIterator[MarketplaceHouse]:
    """Alice has published 1.0.0 of a plugin."""
    built = build_house(kernel, plugin_review="growth")
    assert (await built.publish(FIND_HOST, "alice")).status_code == 201
    yield built
    await built.close()


async def _submit(house: MarketplaceHouse) -> Any:
    answer = await house.publish(GROWN, "alice")
    assert answer.status_code == 202, answer.text
    return answer.json()


async def _decide(house: MarketplaceHouse, submission: Any, verb: str, user: str, comment: str = "") -> Any:
    path = f"/plugin-submissions/{submission['id']}:{verb}"
    return await house.client.post(path, json={"comment": comment}, headers=as_user(user))


async def test_what_asks_for_more_is_no_version_before_somebody_else_agrees(house: MarketplaceHouse) -> None:
    submission = await _submit(house)
    asked = {"text": "asks for cmdb.list_hosts", "code": "growth.scope", "params": {"scope": "cmdb.list_hosts"}}
    assert submission["reasons"] == [asked]
    assert {check["name"]: check["result"] for check in submission["checks"]}["growth"] == "approval"
    assert (await house.client.get("/plugins/find_host/versions/1.1.0")).status_code == 404
    refused = await house.install("find_host", ["cmdb:read", "cmdb.list_hosts"], "1.1.0")
    assert refused.status_code == 404
    kept = await house.client.get(f"/plugin-submissions/{submission['id']}/package", headers=as_user("rita"))
    assert kept.content == archive_of(GROWN)
    approved = await _decide(house, submission, "approve", "rita", "Fine.")
    assert approved.status_code == 201, approved.text
    assert approved.json()["published_by"] == "alice"
    assert (await house.client.get("/plugins/find_host")).json()["latest_version"] == "1.1.0"
    found = (await house.client.get(f"/plugin-submissions/{submission['id']}", headers=as_user("alice"))).json()
    assert (found["state"], found["decided_by"], found["comment"]) == ("approved", "rita", "Fine.")


async def test_whoever_decides_reads_what_it_asks_for_and_does_otherwise(house: MarketplaceHouse) -> None:
    inputs = {**FIND_HOST["inputs"], "properties": {**FIND_HOST["inputs"]["properties"], "area": {"type": "string"}}}
    waiting = (await house.publish(manifest_of(GROWN, inputs=inputs), "alice")).json()
    answer = await house.client.get(f"/plugin-submissions/{waiting['id']}/changes", headers=as_user("rita"))
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert (found["before"], found["added_scopes"]) == ("1.0.0", [{"scope": "cmdb.list_hosts", "reason": WHY}])
    said = {"text": "is new", "code": "change.new", "params": {}}
    assert found["changes"] == [{"place": "inputs.area", "what": said, "breaks": False}]
    assert (found["removed_scopes"], found["new_components"]) == ([], [])
    other = await house.client.get(f"/plugin-submissions/{waiting['id']}/changes", headers=as_user("bob"))
    assert (other.status_code, other.json()["code"]) == (404, "submission_unknown")
    await _decide(house, waiting, "reject", "rita", "No.")
    late = await house.client.get(f"/plugin-submissions/{waiting['id']}/changes", headers=as_user("rita"))
    assert (late.status_code, late.json()["code"]) == (409, "submission_decided")


SCRIPT = "(function () { $.atoms.scripted = [{tag_code: 'ip', type: 'input', attrs: {name: 'IP'}}] })()"


async def _submit_scripted(house: MarketplaceHouse) -> str:
    """The id of a submission with a form.js, which the published version has too."""
    scripted = manifest_of(FIND_HOST, code="scripted")
    del scripted["form"]
    files = {**files_of(scripted), "form.js": SCRIPT.encode()}
    assert (await house.upload(write_archive(files), "alice")).status_code == 201
    grown = {**scripted, "version": "1.1.0", "scopes": GROWN["scopes"]}
    waiting = await house.upload(write_archive({**files_of(grown), "form.js": SCRIPT.encode()}), "alice")
    assert waiting.status_code == 202, waiting.text
    found: str = waiting.json()["id"]
    return found


async def test_a_form_script_that_stays_is_no_change_to_whoever_decides(house: MarketplaceHouse) -> None:
    waiting = await _submit_scripted(house)
    answer = await house.client.get(f"/plugin-submissions/{waiting}/changes", headers=as_user("rita"))
    assert (answer.json()["before"], answer.json()["changes"]) == ("1.0.0", [])


async def test_whoever_decides_sees_what_users_would_read_and_fill_in(house: MarketplaceHouse) -> None:
    submission = await _submit(house)
    path = f"/plugin-submissions/{submission['id']}/preview"
    seen = (await house.client.get(path, headers=as_user("rita"))).json()
    assert (seen["inputs"], seen["outputs"]) == (FIND_HOST["inputs"], FIND_HOST["outputs"])
    assert seen["form_script"] is None
    assert (await house.client.get(path, headers=as_user("bob"))).json()["code"] == "submission_unknown"
    await _decide(house, submission, "approve", "rita")
    published = (await house.client.get("/plugins/find_host/versions/1.1.0")).json()
    assert (seen["form"], seen["readme"]) == (published["form"], published["readme"])
    late = await house.client.get(path, headers=as_user("rita"))
    assert (late.status_code, late.json()["code"]) == (409, "submission_decided")


async def test_a_form_script_is_seen_as_it_would_be_published(house: MarketplaceHouse) -> None:
    waiting = await _submit_scripted(house)
    answer = await house.client.get(f"/plugin-submissions/{waiting}/preview", headers=as_user("rita"))
    seen = answer.json()
    await _decide(house, {"id": waiting}, "approve", "rita")
    kept = (await house.client.get("/plugins/scripted/versions/1.1.0/form-script", headers=as_user("alice"))).json()
    assert seen["form_script"] == kept
    assert kept["source"] == SCRIPT


async def test_nobody_agrees_to_his_own_and_only_reviewers_to_others(house: MarketplaceHouse) -> None:
    submission = await _submit(house)
    for user in ("alice", "bob", "viewer"):
        assert (await _decide(house, submission, "approve", user)).status_code in {403, 404}
    archive = archive_of(manifest_of(GROWN, version="1.2.0"))
    own = await house.upload(archive, "admin")
    refused = await _decide(house, own.json(), "approve", "admin")
    assert (refused.status_code, refused.json()["code"]) == (403, "own_submission")
    assert (await house.client.get("/plugins/find_host")).json()["latest_version"] == "1.0.0"


async def test_a_rejection_tells_why_and_is_final(house: MarketplaceHouse) -> None:
    submission = await _submit(house)
    assert (await _decide(house, submission, "reject", "rita")).json()["errors"][0]["field"] == "comment"
    assert (await _decide(house, submission, "reject", "rita", "Too much.")).json()["state"] == "rejected"
    late = await _decide(house, submission, "approve", "rita")
    assert (late.status_code, late.json()["code"]) == (409, "submission_decided")
    assert (await house.publish(GROWN, "alice")).status_code == 202, "it may be submitted again"


async def test_a_submission_is_seen_by_its_author_and_reviewers(house: MarketplaceHouse) -> None:
    submission = await _submit(house)
    for user, number in (("alice", 1), ("rita", 1), ("bob", 0)):
        found = await house.client.get("/plugin-submissions?state=waiting", headers=as_user(user))
        assert len(found.json()["items"]) == number, user
    assert (await _decide(house, submission, "withdraw", "bob")).json()["code"] == "submission_unknown"
    assert (await _decide(house, submission, "withdraw", "alice")).json()["state"] == "withdrawn"


async def test_the_same_package_waits_once_and_another_of_its_number_is_refused(house: MarketplaceHouse) -> None:
    submission = await _submit(house)
    assert (await _submit(house))["id"] == submission["id"]
    other = await house.publish(manifest_of(GROWN, tags=["other"]), "alice")
    assert (other.status_code, other.json()["errors"][0]["field"]) == (409, "version")


async def test_what_no_longer_holds_is_not_approved(house: MarketplaceHouse) -> None:
    submission = await _submit(house)
    house.components.components = [each for each in house.components.components if each.name != "list_hosts"]
    refused = await _decide(house, submission, "approve", "rita")
    assert refused.status_code == 422
    waiting = await house.client.get("/plugin-submissions?state=waiting", headers=as_user("rita"))
    assert [each["id"] for each in waiting.json()["items"]] == [submission["id"]]


async def test_every_step_is_in_the_audit_log(house: MarketplaceHouse) -> None:
    await _decide(house, await _submit(house), "reject", "rita", "No.")
    await _decide(house, await _submit(house), "approve", "rita")
    async with house.database.reading() as session:
        statement = select(AuditRecord).where(col(AuditRecord.resource_id) == "find_host").order_by(col(AuditRecord.id))
        kept = [(each.action, each.actor) for each in (await session.execute(statement)).scalars()]
    assert kept[1:4] == [("plugin.submitted", "alice"), ("plugin.rejected", "rita"), ("plugin.submitted", "alice")]
    assert sorted(kept[4:]) == [("plugin.approved", "rita"), ("plugin.published", "rita")]


async def test_with_review_of_all_a_first_version_waits_too(kernel: KernelServices) -> None:
    built = build_house(kernel, plugin_review="all")
    waiting = await built.publish(FIND_HOST, "alice")
    assert (waiting.status_code, waiting.json()["reasons"][0]["text"]) == (202, "is a first version")
    assert (await built.client.get("/plugins")).json()["items"] == []
    path = f"/plugin-submissions/{waiting.json()['id']}/changes"
    changes = (await built.client.get(path, headers=as_user("rita"))).json()
    assert (changes["before"], [need["scope"] for need in changes["added_scopes"]]) == (None, ["cmdb:read"])
    assert changes["new_components"] == ["cmdb.list_hosts"]
    assert (await _decide(built, waiting.json(), "approve", "rita")).status_code == 201
    assert (await built.client.get("/plugins/find_host")).status_code == 200
    await built.close()
