"""The components about dangerous commands."""

from typing import Final

from adapters.job.service.rules import schemas
from adapters.job.service.rules.service import RuleService
from kernel.http.component_app import ComponentApp
from kernel.http.component_document import Words

_READ: Final = "job:read"
_MANAGE: Final = "job:manage"


def register_rule_components(app: ComponentApp, rules: RuleService) -> None:
    app.change(
        "create_dangerous_rule",
        schemas.CreateRule,
        schemas.RuleId,
        rules.create_dangerous_rule,
        scope=_MANAGE,
        summary=Words("Forbid a command", "新建高危语句规则"),
        description=Words(
            "Scripts with a line that matches are refused, or noted.", "匹配的脚本被拒绝执行，或仅记录。"
        ),
    )
    app.change(
        "delete_dangerous_rule",
        schemas.OfRule,
        schemas.RuleId,
        rules.delete_dangerous_rule,
        scope=_MANAGE,
        summary=Words("Delete a rule", "删除高危语句规则"),
        description=Words("Jobs that were taken on are not touched.", "不影响已受理的作业。"),
    )
    app.read(
        "get_dangerous_rule_list",
        schemas.ListRules,
        list[schemas.RuleShown],
        rules.get_dangerous_rule_list,
        scope=_READ,
        summary=Words("List rules", "查询高危语句规则"),
        description=Words("In the order in which they were made.", "按创建顺序。"),
    )
    app.read(
        "check_script",
        schemas.CheckScript,
        list[schemas.FindingShown],
        rules.check_script,
        scope=_READ,
        summary=Words("Check a script", "检查脚本"),
        description=Words("What the rules find in it, without running it.", "列出规则命中的语句，不执行脚本。"),
    )
