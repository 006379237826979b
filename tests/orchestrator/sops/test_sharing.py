"""Common templates that clients of Standard OPS bring."""

from kernel.clock import utc_now
from kernel.contracts.authorizer import PLATFORM, Action, ResourceKind
from orchestrator.flow.blueking.archive import Template, write_archive
from orchestrator.flow.blueking.export.tree import export_tree
from tests.orchestrator.sops.conftest import EVERYTHING, Sops
from tests.support.orchestrator import OTHER_PROJECT, flow_of, plugin_node

TIMER = flow_of({"id": "nap", "kind": "timer", "seconds": 1})


async def test_common_templates_are_imported_by_administrators_and_shared_with_all(sops: Sops) -> None:
    good = Template("t-good", "Nap", "", export_tree(TIMER, {}).tree)
    bad = Template("t-bad", "Bad", "", export_tree(flow_of(plugin_node("x", "gone")), {}).tree)
    asked = {"template_data": write_archive([good, bad], utc_now()), "bk_biz_id": "bank", "scope": "project"}
    sops.house.authorizer.allow("ada", ResourceKind.PROJECT, OTHER_PROJECT.id, *EVERYTHING)
    unready = {**asked, "template_data": write_archive([bad], utc_now())}
    for archive in (asked, unready):
        assert (await sops.refused("import_common_template", **archive))[0] == 3540100
    sops.house.authorizer.allow("ada", PLATFORM.kind, PLATFORM.id, Action.PLATFORM_ADMINISTER)
    code, message = await sops.refused("import_common_template", **{**asked, "bk_biz_id": ""})
    assert (code, message.startswith("bk_biz_id: is missing")) == (3540000, True)
    assert (await sops.refused("import_common_template", **asked, override=True))[0] == 3540000
    assert await sops.data("get_template_list", bk_biz_id="bank", scope="project") == []
    done = await sops.data("import_common_template", **asked)
    assert (done["count"], [done["flows"][str(number)] for number in done["drafts"]]) == (2, ["Bad"])
    (common,) = await sops.data("get_common_template_list")
    assert (common["name"], done["flows"][str(common["id"])]) == ("Nap", "Nap")
    made = await sops.data("create_task", template_id=common["id"], template_source="common", name="here")
    assert list(made["pipeline_tree"]["activities"]) == ["nap"]
    sops.house.authorizer.rules = {rule for rule in sops.house.authorizer.rules if rule[3] != OTHER_PROJECT.id}
    assert (await sops.refused("import_common_template", **asked))[0] == 3540100
    assert len(await sops.data("get_common_template_list")) == 1
