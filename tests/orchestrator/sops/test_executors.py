"""In whose name tasks call, and copies in other projects, by the calls of Standard OPS's clients."""

from kernel.contracts.authorizer import Action, ResourceKind
from tests.orchestrator.sops.conftest import BIZ, EVERYTHING, Sops, one_database
from tests.support.orchestrator import OTHER_PROJECT, PROJECT, flow_of, plugin_node

TIMER = flow_of({"id": "nap", "kind": "timer", "seconds": 1})


async def test_who_manages_a_project_names_its_executor_and_takes_him_back(sops: Sops) -> None:
    refused = await sops.refused("modify_project_executor_proxy", executor_proxy="bob", executor_proxy_exempts="")
    assert refused[0] == 3540100
    sops.house.authorizer.allow("ada", ResourceKind.PROJECT, PROJECT.id, Action.PROJECT_MANAGE)
    for name in ("bob", ""):
        told = await sops.data("modify_project_executor_proxy", executor_proxy=name, executor_proxy_exempts="")
        detail = await sops.data("get_user_project_detail", include_executor_proxy=True)
        wanted = {"project_id": detail["project_id"], "executor_proxy": name, "executor_proxy_exempts": ""}
        assert (told, detail["executor_proxy"]) == (wanted, name)
    sops.house.profiles.gone.add("zoe")
    code, message = await sops.refused("modify_project_executor_proxy", executor_proxy="zoe", executor_proxy_exempts="")
    assert (code, message.startswith("executor_proxy: nobody called 'zoe'")) == (3540000, True)
    code, message = await sops.refused(
        "modify_project_executor_proxy", executor_proxy="bob", executor_proxy_exempts="ada"
    )
    assert (code, message.startswith("executor_proxy_exempts: ")) == (3540000, True)


async def test_a_template_is_published_anew_with_its_executor(sops: Sops) -> None:
    number = await sops.template(TIMER, "Nap")

    async def told() -> tuple[str, str]:
        found = await sops.data("get_template_info", template_id=number, include_executor_proxy=True)
        return found["executor_proxy"], found["version"]

    for name, version in (("bob", "2"), ("bob", "2"), ("", "3")):
        changed = await sops.data("modify_template_executor_proxy", template_id=number, executor_proxy=name)
        assert changed == {"template_id": number, "executor_proxy": name}
        assert await told() == (name, version)


@one_database
async def test_a_draft_that_somebody_is_at_work_on_is_not_published(sops: Sops) -> None:
    number = await sops.template(TIMER, "Nap")
    (flow,) = (await sops.house.client.get("/projects/shop/flows")).json()["items"]
    other = flow_of({"id": "rest", "kind": "timer", "seconds": 2})
    body = {"definition": other, "draft_version": flow["draft_version"]}
    assert (await sops.house.client.put(f"/flows/{flow['id']}/draft", json=body)).is_success
    code, message = await sops.refused("modify_template_executor_proxy", template_id=number, executor_proxy="bob")
    assert (code, "draft with other changes" in message) == (3545000, True)
    assert (await sops.refused("modify_template_executor_proxy", template_id=777, executor_proxy=""))[0] == 3540400


async def test_templates_are_copied_into_another_project(sops: Sops) -> None:
    number = await sops.template(TIMER, "Nap")
    needing = await sops.template(flow_of(plugin_node("say", inputs={"text": "x"})), "Needs a plugin")
    sops.house.authorizer.allow("ada", ResourceKind.PROJECT, OTHER_PROJECT.id, *EVERYTHING)
    bank = next(each for each in await sops.data("get_user_project_list") if each["code"] == OTHER_PROJECT.code)
    asked = {"template_ids": [number, needing], "new_project_id": bank["project_id"]}
    done = await sops.data("copy_template_across_project", **asked)
    assert (done["count"], sorted(done["flows"].values())) == (2, ["Nap", "Needs a plugin"])
    copies = {name: int(each) for each, name in done["flows"].items()}
    assert done["drafts"] == [copies["Needs a plugin"]]
    assert any("plugin echo" in remark for remark in done["remarks"]["Needs a plugin"])
    there = {"bk_biz_id": OTHER_PROJECT.code, "scope": "project"}
    assert [each["id"] for each in await sops.data("get_template_list", **there)] == [copies["Nap"]]
    assert {each["id"] for each in await sops.data("get_template_list")} == {number, needing}


@one_database
async def test_copies_go_where_the_person_may_make_flows_and_nowhere_else(sops: Sops) -> None:
    number = await sops.template(TIMER, "Nap")
    listed = {each["code"]: each["project_id"] for each in await sops.data("get_user_project_list")}
    asked = {"bk_biz_id": BIZ, "template_ids": [number]}
    same = await sops.refused("copy_template_across_project", **asked, new_project_id=listed[PROJECT.code])
    assert (same[0], same[1].startswith("new_project_id: ")) == (3540000, True)
    assert (await sops.refused("copy_template_across_project", **asked, new_project_id=999_999))[0] == 3540400
    too_many = await sops.refused(
        "copy_template_across_project", template_ids=list(range(1, 12)), new_project_id=999_999
    )
    assert (too_many[0], "template_ids" in too_many[1]) == (3540000, True)


@one_database
async def test_groups_of_a_project_are_its_staff_groups(sops: Sops) -> None:
    sops.house.authorizer.allow("ada", ResourceKind.PROJECT, PROJECT.id, Action.PROJECT_MANAGE)
    made = await sops.house.client.put("/projects/shop/notice-groups/on%20call", json={"people": ["bob", "ada"]})
    assert made.is_success, made.text
    detail = await sops.data("get_user_project_detail", include_staff_groups=True)
    (group,) = detail["staff_groups"]
    assert group["id"] > 0
    wanted = {"project_id": detail["project_id"], "name": "on call", "members": "bob,ada"}
    assert {name: value for name, value in group.items() if name != "id"} == wanted
    assert "staff_groups" not in await sops.data("get_user_project_detail")


@one_database
async def test_plugins_are_named_once_each(sops: Sops) -> None:
    named = await sops.data("get_plugin_base_info")
    assert "echo" in [each["code"] for each in named]
    assert all(each.keys() == {"code", "name"} for each in named)
    listed = await sops.data("get_plugin_list")
    assert sorted(each["code"] for each in named) == sorted({each["code"] for each in listed})
