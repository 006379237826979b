"""Files that are picked in forms: kept by the job system, or refused."""

import pytest

from kernel.contracts.authorizer import Action, ResourceKind
from kernel.contracts.components import ComponentDescription
from tests.support.marketplace import PROJECT, as_user
from tests.support.packages import FIND_HOST, manifest_of
from tests.support.scripted_gateway import Said, gateway_error

KEEP = ComponentDescription("job", "upload_local_file", "POST", "/upload_local_file/", ("job:execute",), is_read=False)
PLACE = "/api/job/prod/upload_local_file/"
FILE = {"id": "a" * 32, "path": f"{'a' * 32}/a.txt", "file_name": "a.txt", "size": 2, "is_complete": True}
EXECUTE = {"scope": "job:execute", "reason": {"en": "To keep files.", "zh": "保存文件。"}}
SENDING = manifest_of(
    FIND_HOST, code="sending", scopes=[*FIND_HOST["scopes"], EXECUTE], form_components=["job.upload_local_file"]
)
PIECE = {"file_name": "a.txt", "content": "aGk="}


@pytest.fixture
async def keep(house, gateway):
    house.components.components.append(KEEP)
    assert (await house.publish(SENDING)).status_code == 201
    assert (await house.install("sending", ["cmdb:read", "job:execute"])).status_code == 201
    house.authorizer.allow("dev", ResourceKind.PROJECT, PROJECT.id, Action.FLOW_EDIT)
    house.businesses.bound[PROJECT.id] = 2
    gateway.answers[PLACE] = Said({"result": True, "code": 0, "data": {**FILE, "creator": "dev"}})

    async def keep(body=PIECE, user="dev", plugin="sending"):
        path = f"/projects/shop/plugins/{plugin}/versions/1.0.0/form-files"
        return await house.client.post(path, json=body, headers=as_user(user))

    return keep


async def test_a_file_is_kept_for_the_projects_business_each_piece_under_a_key_of_its_own(keep, gateway, house):
    answer = await keep()
    more = await keep({"id": "a" * 32, "offset": 2, "content": "", "is_last": True})

    assert (answer.status_code, answer.json(), more.status_code) == (200, FILE, 200)
    first, second = gateway.asked
    scope = {"bk_scope_type": "biz", "bk_scope_id": "2"}
    assert first.body == {**scope, "file_name": "a.txt", "offset": 0, "content": "aGk=", "is_last": True}
    assert second.body == {**scope, "id": "a" * 32, "offset": 2, "content": "", "is_last": True}
    assert first.headers["idempotency-key"] != second.headers["idempotency-key"]
    assert house.tokens.minted[-1] == frozenset({"job:execute"})


async def test_a_project_without_a_business_names_one_and_no_project_another(keep, gateway, house):
    assert (await keep({**PIECE, "bk_biz_id": 3})).json()["errors"][0]["field"] == "bk_biz_id"
    del house.businesses.bound[PROJECT.id]
    assert (await keep()).status_code == 422
    assert gateway.asked == []
    assert (await keep({**PIECE, "bk_biz_id": 3})).status_code == 200
    assert gateway.asked[0].body["bk_scope_id"] == "3"


async def test_files_are_kept_only_for_plugins_that_asked_for_it_and_people_who_fill_forms_in(keep, gateway, house):
    assert (await keep(plugin="find_host")).status_code == 403
    assert (await keep(user="viewer")).status_code == 403
    house.tokens.covered = frozenset()
    refused = await keep()
    assert (refused.status_code, "has no grant for job.upload_local_file" in refused.text) == (403, True)
    assert gateway.asked == []


async def test_some_headers_of_a_form_go_along_and_others_are_refused(keep, gateway):
    assert (await keep({**PIECE, "headers": {"Upload-Ticket": "t1"}})).status_code == 200
    refused = await keep({**PIECE, "headers": {"X-Bkapi-Authorization": "{}"}})
    broken = await keep({**PIECE, "headers": {"Upload-Ticket": "a\r\nX-Evil: b"}})

    assert [one.headers["upload-ticket"] for one in gateway.asked] == ["t1"]
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "headers")
    assert broken.status_code == 422


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (Said({"result": False, "code": 1, "message": "too many files", "data": None}), 502),
        (Said({"result": True, "data": {"id": 5}}), 502),
        (gateway_error(503), 503),
    ],
)
async def test_a_file_that_is_not_kept_is_a_problem(keep, gateway, said, status):
    gateway.answers[PLACE] = said
    assert (await keep()).status_code == status


async def test_other_components_that_change_things_are_no_part_of_a_form(keep, house):
    moving = manifest_of(SENDING, code="moving", form_components=["job.execute"])
    assert "changes things" in (await house.publish(moving)).text
