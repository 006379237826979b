"""What each role allows, written down once more: what the product decides is compared with it."""

from kernel.contracts.authorizer import Action

EVERYBODY = {"system.view", "project.create"}
VIEW = {"project.view", "flow.view", "flow.request", "task.view"}
OPERATE = VIEW | {"flow.launch", "mini_app.open", "task.operate"}
DEVELOP = OPERATE | {"flow.edit"}
MAINTAIN = DEVELOP | {"plugin.install", "flow.publish", "flow.share", "app.manage", "audit.view"}
OPERATE_FLOW = {"flow.view", "flow.request", "flow.launch", "mini_app.open", "task.view", "task.operate"}
MAINTAIN_FLOW = OPERATE_FLOW | {"flow.edit", "flow.publish", "flow.share", "audit.view"}
ALLOWED: dict[tuple[str, str], set[str]] = {
    ("platform", "admin"): {action.value for action in Action},
    ("platform", "registrar"): {"system.register"},
    ("platform", "publisher"): {"plugin.publish"},
    ("platform", "reviewer"): {"plugin.review"},
    ("platform", "auditor"): {"audit.view"},
    ("system", "maintainer"): {"system.view", "system.manage"},
    ("system", "owner"): {"system.view", "system.manage", "grant.decide"},
    ("app", "owner"): {"app.manage"},
    ("project", "owner"): MAINTAIN | {"project.manage"},
    ("project", "maintainer"): MAINTAIN,
    ("project", "developer"): DEVELOP,
    ("project", "operator"): OPERATE,
    ("project", "viewer"): VIEW,
    ("project", "auditor"): VIEW | {"audit.view"},
    ("flow", "owner"): MAINTAIN_FLOW,
    ("flow", "maintainer"): MAINTAIN_FLOW,
    ("flow", "developer"): OPERATE_FLOW | {"flow.edit"},
    ("flow", "operator"): OPERATE_FLOW,
    ("flow", "viewer"): {"flow.view", "flow.request", "task.view"},
    ("flow", "auditor"): {"flow.view", "flow.request", "task.view", "audit.view"},
    ("flow", "launcher"): {"flow.launch", "flow.request"},
    ("flow", "requester"): {"flow.request"},
    ("mini_app", "user"): {"mini_app.open"},
    ("task", "operator"): {"task.view", "task.operate"},
    ("task", "viewer"): {"task.view"},
    ("task", "auditor"): {"task.view", "audit.view"},
}
