"""A small Standard OPS: a template and a common one, whose one node asks, and tasks of them."""

from dataclasses import dataclass, field
from typing import Any, Final

from tests.support.blueking_systems.refusal import Refused

TEMPLATE: Final = 7
COMMON: Final = 8
NODE: Final = "ask"
_PARAMETER, _MISSING, _ILLEGAL = 3540000, 3540400, 3545000

Record = dict[str, Any]


@dataclass
class Task:
    name: str
    state: str = "CREATED"

    def status(self, number: int) -> Record:
        asking = {"id": NODE, "state": "RUNNING" if self.state == "SUSPENDED" else self.state, "children": {}}
        children = {} if self.state == "CREATED" else {NODE: asking}
        return {"id": f"n{number}", "name": self.name, "state": self.state, "children": children}


@dataclass
class Flows:
    tasks: dict[int, Task] = field(default_factory=dict)
    periodic: dict[int, Record] = field(default_factory=dict)

    def answer(self, component: str, params: Record) -> Any:
        """The data; raises Refused."""
        found: Any = getattr(self, f"_{component}")(params)
        return found

    def _get_template_list(self, _params: Record) -> list[Record]:
        return [{"id": TEMPLATE, "name": "Ask first", "category": "Other", "project_id": 3}]

    def _get_template_info(self, params: Record) -> Record:
        self._template(params)
        return {"id": TEMPLATE, "name": "Ask first", "pipeline_tree": _TREE}

    def _get_template_schemes(self, params: Record) -> list[Record]:
        self._template(params)
        return [{"id": f"{TEMPLATE}-none", "name": "none", "data": "[]"}]

    def _get_common_template_list(self, _params: Record) -> list[Record]:
        return [{"id": COMMON, "name": "Shared ask", "category": "Other", "auth_actions": ["common_flow_view"]}]

    def _get_common_template_info(self, params: Record) -> Record:
        if params["template_id"] != COMMON:
            raise Refused(_MISSING, f"common template[id={params['template_id']}] does not exist")
        return {"id": COMMON, "name": "Shared ask", "pipeline_tree": _TREE}

    def _create_task(self, params: Record) -> Record:
        self._template(params)
        if not params["name"]:
            raise Refused(_PARAMETER, "name: must not be empty")
        number = len(self.tasks) + 1
        self.tasks[number] = Task(params["name"])
        return {"task_id": number, "task_url": f"https://sops/{number}", "pipeline_tree": _TREE}

    def _create_and_start_task(self, params: Record) -> Record:
        made = self._create_task(params)
        self.tasks[made["task_id"]].state = "RUNNING"
        return made

    def _get_task_detail(self, params: Record) -> Record:
        return {"id": params["task_id"], "name": self._task(params).name, "pipeline_tree": _TREE, "outputs": []}

    def _get_user_project_list(self, _params: Record) -> list[Record]:
        return [{"project_id": 3, "bk_biz_id": 2, "name": "Operations"}]

    def _get_user_project_detail(self, params: Record) -> Record:
        return {"project_id": 3, "project_name": "Operations", "bk_biz_id": int(params["bk_biz_id"])}

    def _get_plugin_list(self, _params: Record) -> list[Record]:
        return []

    def _preview_task_tree(self, params: Record) -> Record:
        self._template(params)
        return {"pipeline_tree": _TREE, "constants_not_referred": {}}

    def _create_periodic_task(self, params: Record) -> Record:
        self._template(params)
        cron = {"minute": "*", "hour": "*", "day_of_week": "*", "day_of_month": "*", "month_of_year": "*"}
        told = " ".join({**cron, **params["cron"]}.values())
        made = {"id": len(self.periodic) + 1, "name": params["name"], "cron": f"{told} (m/h/d/dM/MY)", "enabled": True}
        self.periodic[made["id"]] = made
        return made

    def _get_periodic_task_list(self, _params: Record) -> list[Record]:
        return list(self.periodic.values())

    def _set_periodic_task_enabled(self, params: Record) -> Record:
        self.periodic[params["task_id"]]["enabled"] = params["enabled"]
        return {"enabled": params["enabled"]}

    def _node_callback(self, params: Record) -> None:
        self._move(params, {"RUNNING": "FINISHED"})

    def _start_task(self, params: Record) -> Record:
        self._move(params, {"CREATED": "RUNNING"})
        return {"task_url": "https://sops/"}

    def _operate_task(self, params: Record) -> Record:
        moves = {
            "start": {"CREATED": "RUNNING"},
            "pause": {"RUNNING": "SUSPENDED"},
            "resume": {"SUSPENDED": "RUNNING"},
            "revoke": {"RUNNING": "REVOKED", "SUSPENDED": "REVOKED"},
        }
        self._move(params, moves[params["action"]])
        return {}

    def _operate_node(self, params: Record) -> str:
        if params["node_id"] != NODE or params["action"] != "callback":
            raise Refused(_ILLEGAL, "invalid operation")
        self._move(params, {"RUNNING": "FINISHED"})
        return "success"

    def _get_task_status(self, params: Record) -> Record:
        return self._task(params).status(params["task_id"])

    def _get_tasks_status(self, params: Record) -> list[Record]:
        found = {number: self.tasks[number] for number in params["task_id_list"] if number in self.tasks}
        return [{"id": number, "name": task.name, "status": task.status(number)} for number, task in found.items()]

    def _get_task_list(self, _params: Record) -> list[Record]:
        return [{"id": number, "name": task.name} for number, task in self.tasks.items()]

    def _get_task_node_detail(self, params: Record) -> Record:
        state = self._task(params).status(0)["children"][NODE]["state"]
        return {"id": NODE, "state": state, "inputs": {}, "outputs": [], "histories": [], "ex_data": None}

    def _template(self, params: Record) -> None:
        if params["template_id"] != (COMMON if params.get("template_source") == "common" else TEMPLATE):
            raise Refused(_MISSING, f"template[id={params['template_id']}] does not exist")

    def _task(self, params: Record) -> Task:
        if params["task_id"] not in self.tasks:
            raise Refused(_MISSING, f"task[id={params['task_id']}] does not exist")
        return self.tasks[params["task_id"]]

    def _move(self, params: Record, moves: dict[str, str]) -> None:
        task = self._task(params)
        if task.state not in moves:
            raise Refused(_ILLEGAL, f"invalid operation on a task that is {task.state}")
        task.state = moves[task.state]


_TREE: Final[Record] = {
    "start_event": {"id": "start"},
    "end_event": {"id": "end"},
    "activities": {NODE: {"id": NODE, "component": {"code": "pause_node"}}},
    "gateways": {},
    "flows": {},
    "constants": {},
    "outputs": [],
}
