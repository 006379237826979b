"""In-memory stand-ins for what other units implement, for tests of one unit alone."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from gateway.identity.authorization.deciding import beyond_credential
from kernel.contracts.authorizer import Action, Resource, ResourceKind
from kernel.contracts.component_caller import ComponentAway, ComponentCall
from kernel.contracts.flow_market import FlowPackage, FlowWish, PublishedFlow
from kernel.contracts.grant_desk import GrantSummary
from kernel.contracts.plugin_directory import InstalledPlugin
from kernel.contracts.profiles import Profile
from kernel.contracts.projects import ProjectSummary
from kernel.errors import NotAuthenticated, NotFound, PermissionDenied
from kernel.principal import Principal, PrincipalKind

USER_HEADER = "X-Test-User"
ADMIN = "admin"
_ROLE_ACTIONS = {"launcher": frozenset({Action.FLOW_LAUNCH}), "viewer": frozenset({Action.TASK_VIEW})}


class HeaderAuthenticator:
    """Believes the test's header, or a bearer token that is a name."""

    async def authenticate(self, session: AsyncSession, connection: HTTPConnection) -> Principal:
        name = connection.headers.get(USER_HEADER) or connection.headers.get("Authorization", "").removeprefix(
            "Bearer "
        )
        if not name:
            raise NotAuthenticated("Sign in")
        return Principal(PrincipalKind.USER, name, is_admin=name == ADMIN, request_id="0" * 32)


@dataclass(slots=True)
class RuleAuthorizer:
    """Allows what was told to it, everything to the admin, and a launcher his own task."""

    rules: set[tuple[str, Action, ResourceKind, str]] = field(default_factory=set)

    def allow(self, username: str, kind: ResourceKind, identifier: str, *actions: Action) -> None:
        self.rules |= {(username, action, kind, identifier) for action in actions}

    async def require(self, session: AsyncSession, principal: Principal, action: Action, resource: Resource) -> None:
        if not await self.allows(session, principal, action, resource):
            raise PermissionDenied(f"{principal.id} lacks {action.value}")

    def require_credential(self, principal: Principal, action: Action, resource: Resource) -> None:
        if beyond_credential(principal, action, resource) is not None:
            raise PermissionDenied(f"The credential of {principal.id} carries no {action.value}")

    async def allows(self, session: AsyncSession, principal: Principal, action: Action, resource: Resource) -> bool:
        if beyond_credential(principal, action, resource) is not None:
            return False
        if principal.is_admin:
            return True
        own = resource.kind is ResourceKind.TASK and resource.created_by == principal.id
        if own and action in {Action.TASK_VIEW, Action.TASK_OPERATE}:
            return True
        return any(
            (principal.id, action, each.kind, each.id) in self.rules for each in (resource, *_ancestors(resource))
        )

    async def resources_allowing(
        self, session: AsyncSession, principal: Principal, action: Action, kind: ResourceKind
    ) -> frozenset[str] | None:
        within = principal.confined_to
        if within is not None:
            allowed_there = await self.allows(session, principal, action, Resource(kind, within))
            return frozenset({within}) if kind is ResourceKind.PROJECT and allowed_there else frozenset()
        if principal.is_admin:
            return None
        return frozenset(
            identifier
            for name, allowed, where, identifier in self.rules
            if (name, allowed, where) == (principal.id, action, kind)
        )

    async def bind_role(
        self, session: AsyncSession, principal: Principal, username: str, role: str, resource: Resource
    ) -> None:
        self.allow(username, resource.kind, resource.id, *_ROLE_ACTIONS[role])

    async def unbind_role(
        self, session: AsyncSession, principal: Principal, username: str, role: str, resource: Resource
    ) -> None:
        self.rules -= {(username, action, resource.kind, resource.id) for action in _ROLE_ACTIONS[role]}


def _ancestors(resource: Resource) -> list[Resource]:
    return [found for parent in resource.parents for found in (parent, *_ancestors(parent))]


@dataclass(slots=True)
class ListedProjects:
    projects: list[ProjectSummary] = field(default_factory=list)

    async def find(self, session: AsyncSession, id_or_code: str) -> ProjectSummary:
        for project in self.projects:
            if id_or_code in {project.id, project.code}:
                return project
        raise NotFound(f"There is no project {id_or_code!r}")


@dataclass(slots=True)
class ListedProfiles:
    """Everybody may sign in but those who are `gone`."""

    gone: set[str] = field(default_factory=set)

    async def find(self, session: AsyncSession, usernames: Sequence[str]) -> Mapping[str, Profile]:
        return {name: Profile(f"{name}@example.com", "en") for name in usernames if name not in self.gone}


@dataclass(slots=True)
class ScriptedComponents:
    """Answers what it was told to, or raises it; without that, that it is away.

    Attributes:
        calls: as they came.
    """

    answers: list[Any] = field(default_factory=list)
    calls: list[ComponentCall] = field(default_factory=list)

    async def call(self, call: ComponentCall) -> Any:
        self.calls.append(call)
        if not self.answers:
            raise ComponentAway("nobody answers")
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass(slots=True)
class NotedGrants:
    """Attributes:
    applied: (project, component) of each application.
    standing: what there is of grants, whatever is asked for.
    """

    applied: list[tuple[str, str]] = field(default_factory=list)
    standing: list[GrantSummary] = field(default_factory=list)

    async def apply_for_components(
        self, session: AsyncSession, principal: Principal, project_id: str, components: Iterable[str], reason: str
    ) -> list[GrantSummary]:
        self.applied += [(project_id, component) for component in components]
        return []

    async def grants_for_components(
        self, session: AsyncSession, project_id: str, components: Iterable[str]
    ) -> list[GrantSummary]:
        return self.standing


@dataclass(slots=True)
class ListedPlugins:
    by_project: dict[str, list[InstalledPlugin]] = field(default_factory=dict)

    async def installed(self, session: AsyncSession, project_id: str) -> list[InstalledPlugin]:
        return list(self.by_project.get(project_id, ()))

    async def consented(self, session: AsyncSession, project_id: str) -> dict[tuple[str, str], frozenset[str]]:
        return {(each.code, each.version): each.scopes for each in self.by_project.get(project_id, ())}


def plugin(
    code: str,
    inputs: Mapping[str, Any] | None = None,
    outputs: Mapping[str, Any] | None = None,
    scopes: tuple[str, ...] = (),
    version: str = "1.0.0",
) -> InstalledPlugin:
    """An installed plugin whose inputs and outputs are any object, unless schemas are given."""
    return InstalledPlugin(
        code, version, {"en": code}, inputs or {"type": "object"}, outputs or {"type": "object"}, frozenset(scopes)
    )


@dataclass(slots=True)
class ListedSecrets:
    """Secrets of projects.

    Attributes:
        by_project: id of a project → name → secret; an exception in a secret's place is raised.
        opened: names that were asked for.
    """

    by_project: dict[str, dict[str, str | Exception]] = field(default_factory=dict)
    opened: list[frozenset[str]] = field(default_factory=list)

    async def names(self, session: AsyncSession, project_id: str) -> frozenset[str]:
        return frozenset(self.by_project.get(project_id, {}))

    async def open(self, project_id: str, names: Collection[str]) -> dict[str, str]:
        self.opened.append(frozenset(names))
        opened: dict[str, str] = {}
        for name, secret in self.by_project.get(project_id, {}).items():
            if name in names:
                if isinstance(secret, Exception):
                    raise secret
                opened[name] = secret
        return opened


@dataclass(slots=True)
class ListedFlowMarket:
    """A catalogue of flows; of plugins it offers what a test says. Versions are compared as texts."""

    packages: dict[tuple[str, str], FlowPackage] = field(default_factory=dict)
    offered: dict[str, str] = field(default_factory=dict)
    wishes: list[FlowWish] = field(default_factory=list)
    taken: list[tuple[str, str]] = field(default_factory=list)
    archive: bytes = b"PK"

    async def get(self, session: AsyncSession, code: str, version: str) -> FlowPackage:
        if (code, version) not in self.packages:
            raise NotFound(f"no flow {code} {version}")
        return self.packages[code, version]

    async def publish(self, session: AsyncSession, principal: Principal, wish: FlowWish) -> PublishedFlow:
        self.wishes.append(wish)
        digest = f"sha256:{len(self.wishes)}"
        self.packages[wish.code, wish.version] = FlowPackage(
            wish.code, wish.version, digest, wish.name, wish.document, wish.plugins, wish.secrets
        )
        return PublishedFlow("published", digest)

    async def note_taken(self, session: AsyncSession, project_id: str, code: str) -> None:
        self.taken.append((project_id, code))

    async def pack(self, wish: FlowWish) -> bytes:
        self.wishes.append(wish)
        return self.archive

    async def fitting(self, session: AsyncSession, plugin: str, versions: str) -> str | None:
        if versions == "*":
            return max((version for code, version in self.packages if code == plugin), default=None)
        return self.offered.get(plugin)

    def highest(self, versions: str, among: Collection[str]) -> str | None:
        low, _, high = versions.removeprefix(">=").partition(" <")
        return max((version for version in among if low <= version < high), default=None)
