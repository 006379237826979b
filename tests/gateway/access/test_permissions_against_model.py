"""Random lives of permissions: after every step the data plane answers what a plain model says."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from gateway.access.applications.service import Verdict
from gateway.access.apps.service import Change
from gateway.access.grant_rules.service import RulesChange
from gateway.access.grants.duration import AS_APPLIED, Duration
from gateway.access.grants.service import Renewal
from gateway.access.grants.states import GrantStep
from gateway.dataplane.call import Call, make_identity
from gateway.dataplane.headers import HeaderSorter
from gateway.dataplane.limits.limits import Limits
from gateway.dataplane.steps.authorise import Authorise
from gateway.wire.refusal import Refusal
from kernel.clock import ManualClock
from kernel.contracts.authorizer import Resource, ResourceKind
from kernel.errors import Conflict, Invalid, PermissionDenied
from kernel.principal import Principal, PrincipalKind
from kernel.settings import Settings
from tests.support.permission_house import APPLICANTS, FULL, OWNERS, SMALLER, House
from tests.support.permission_model import WAITING, ModelGrant, PermissionModel

SYSTEM = Resource(ResourceKind.SYSTEM, "cmdb")
ADMIN = Principal(PrincipalKind.USER, "admin", is_admin=True)
PATHS = {"list_hosts": ("GET", "/hosts"), "create_host": ("POST", "/hosts"), "get_host": ("GET", "/hosts/7")}
COMPONENTS = tuple(PATHS)

people = st.sampled_from(("otto", "otto", "olga", "ann"))
terms = st.sampled_from((180, 360, None))
wishes = st.none() | st.sets(st.sampled_from(COMPONENTS), min_size=1)
choices = st.integers(0, 2**16)


def person(name: str) -> Principal:
    return Principal(PrincipalKind.USER, name)


class Life(RuleBasedStateMachine):
    """Two apps on one system. `house` is set for the run; every life has apps of its own."""

    house: ClassVar[House]

    def __init__(self) -> None:
        super().__init__()
        self.model = PermissionModel(set(COMPONENTS))
        self.apps: tuple[str, ...] = ()
        self.authorise = Authorise("Bearer", Limits(self.house.management.holder, None))
        self.sorter = HeaderSorter()

    @property
    def now(self) -> datetime:
        return self.house.clock.now()

    @initialize()
    def begin(self) -> None:
        self.house.lives += 1
        self.apps = tuple(f"app{self.house.lives}{letter}" for letter in "xy")

        async def prepare(session: Any, services: Any) -> None:
            for app in self.apps:
                await services.apps.create(session, person("ann"), app_code=app, name=app, description="")
                place = Resource(ResourceKind.APP, app)
                await services.authorizer.bind_role(session, ADMIN, "olga", "owner", place)
            await services.access.rules.change(session, ADMIN, "cmdb", RulesChange(self_approval=False))
            await services.rollout.activate(session, ADMIN, "cmdb", "prod", FULL)

        self.house.do(prepare)
        for owner in OWNERS:
            self._bind(owner, holds=True, known=None)

    @rule(app=st.integers(0, 1), who=st.sampled_from(APPLICANTS), wish=wishes, days=terms)
    def apply(self, app: int, who: str, wish: set[str] | None, days: int | None) -> None:
        code = self.apps[app]
        wanted = [None] if wish is None else sorted(wish)
        gone = {name for name in wanted if name is not None and name not in self.model.components}
        # What another release served stays known while no stage serves it, and can't be applied for.
        filed = self._try(
            "invalid" if gone else "done",
            lambda session, services: services.grants.apply(
                session, person(who), app_code=code, system="cmdb", components=None if wish is None else sorted(wish),
                reason="because", days=days,
            ),
        )  # fmt: skip
        if filed is None:
            return
        for component, grant in zip(wanted, filed, strict=True):
            standing = self.model.standing(code, component, self.now) - {each.id for each in filed}
            known = self.model.grants.get(grant.id)
            assert (known is not None) == bool(standing or known)
            if known is None:
                self.model.grants[grant.id] = ModelGrant(code, grant.application_id, component, who, days)

    @precondition(lambda self: self.model.grants)
    @rule(
        which=choices,
        who=people,
        part=st.none() | st.sets(st.sampled_from(COMPONENTS)),
        term=st.none() | st.integers(0, 3),
    )
    def approve(self, which: int, who: str, part: set[str] | None, term: int | None) -> None:
        self.approve_by(which, who, part, term)

    def approve_by(self, which: int, who: str, part: set[str] | None, term: int | None) -> None:
        application = self._application(which)
        waiting = self.model.waiting(application, WAITING, self.now)
        until, days = AS_APPLIED, None
        if term is not None:
            days = (1, 30, 360, None)[term]
            until = Duration(days)
        expected = self._verdict_on(waiting, who)
        if expected == "done" and any(grant.applied_by == who for grant in waiting.values()):
            expected = "done" if self.model.self_approval else "denied"
        whole = any(grant.component is None for grant in waiting.values())
        asked = {grant.component for grant in waiting.values()}
        if expected == "done" and part is not None:
            askable = asked | (self.model.components if whole else set())
            if not part or not part <= askable:
                expected = "invalid"
        verdict = Verdict(GrantStep.APPROVE, "", None if part is None else sorted(part), until)
        found = self._try(
            expected,
            lambda session, services: services.access.applications.decide(session, person(who), application, verdict),
        )
        if found is None:
            return
        for grant in found[0].grants:  # single components of a system that was asked for as a whole
            if grant.id not in self.model.grants:
                first = next(iter(waiting.values()))
                self.model.grants[grant.id] = waiting[grant.id] = ModelGrant(
                    first.app, application, grant.component, first.applied_by, first.days
                )
        for grant in waiting.values():
            if part is None or grant.component in part:
                self.model.approve(grant, grant.days if term is None else days, self.now)
            else:
                grant.state = "refused"

    @precondition(lambda self: self.model.grants)
    @rule(which=choices)
    def approve_as_asked(self, which: int) -> None:
        self.approve_by(which, "otto", None, None)

    @precondition(lambda self: self.model.grants)
    @rule(which=choices, who=people, step=st.sampled_from((GrantStep.REFUSE, GrantStep.ASK)), says=st.booleans())
    def refuse_or_ask(self, which: int, who: str, step: GrantStep, *, says: bool) -> None:
        application = self._application(which)
        states = WAITING if step is GrantStep.REFUSE else {"applied"}
        waiting = self.model.waiting(application, states, self.now)
        expected = self._verdict_on(waiting, who)
        if expected == "done" and not says:
            expected = "invalid"
        verdict = Verdict(step, "why?" if says else "")
        found = self._try(
            expected,
            lambda session, services: services.access.applications.decide(session, person(who), application, verdict),
        )
        for grant in waiting.values() if found is not None else ():
            grant.state = "refused" if step is GrantStep.REFUSE else "asked"

    @precondition(lambda self: self.model.grants)
    @rule(which=choices, who=people, withdraws=st.booleans())
    def answer_or_withdraw(self, which: int, who: str, *, withdraws: bool) -> None:
        application = self._application(which)
        waiting = self.model.waiting(application, WAITING if withdraws else {"asked"}, self.now)
        expected = "conflict" if not waiting else "done" if who in APPLICANTS else "denied"

        def act(session: Any, services: Any) -> Any:
            applications = services.access.applications
            step = applications.withdraw if withdraws else applications.answer
            return step(session, person(who), application, "so")

        if self._try(expected, act) is not None:
            for grant in waiting.values():
                grant.state = "withdrawn" if withdraws else "applied"

    @precondition(lambda self: self.model.grants)
    @rule(which=choices, who=people)
    def revoke(self, which: int, who: str) -> None:
        name = self._grant(which)
        grant = self.model.grants[name]
        expected = (
            "denied" if who not in self.model.deciders else "done" if grant.at(self.now) == "approved" else "conflict"
        )
        found = self._try(
            expected, lambda session, services: services.grants.revoke(session, person(who), name, comment="enough")
        )
        if found is not None:
            grant.state = "revoked"

    @precondition(lambda self: self.model.grants)
    @rule(which=choices, who=people, days=terms)
    def renew(self, which: int, who: str, days: int | None) -> None:
        name = self._grant(which)
        grant = self.model.grants[name]
        expected = "denied" if who not in APPLICANTS else self.model.renewable(name, self.now)
        found = self._try(
            "done" if expected in {"file", "waits"} else expected,
            lambda session, services: services.grants.renew(session, person(who), Renewal([name], "still", days)),
        )
        if found is None:
            return
        (renewal,) = found
        assert (renewal.id in self.model.grants) == (expected == "waits")
        if expected == "file":
            self.model.grants[renewal.id] = ModelGrant(
                grant.app, renewal.application_id, grant.component, who, days, renews=name
            )

    @rule(seconds=st.sampled_from((1, 3600, 86_400, 31 * 86_400, 181 * 86_400)), sweeps=st.booleans())
    def wait(self, seconds: int, *, sweeps: bool) -> None:
        """Time passes; the sweep may or may not come by."""
        self.house.clock.advance(seconds=seconds)
        if sweeps:
            self.house.do(lambda session, services: services.grants.expire_due(session))

    @rule(who=st.sampled_from(OWNERS))
    def change_role(self, who: str) -> None:
        holds = who not in self.model.deciders
        self._bind(who, holds=holds, known=not holds)

    @rule(app=st.integers(0, 1))
    def switch_app(self, app: int) -> None:
        code = self.apps[app]
        enabled = code in self.model.disabled
        self.house.do(
            lambda session, services: services.apps.change(session, person("ann"), code, Change(enabled=enabled))
        )
        self.model.disabled ^= {code}

    @rule()
    def remove_or_restore_a_component(self) -> None:
        removed = self.model.components == set(COMPONENTS)
        release = SMALLER if removed else FULL
        self.house.do(lambda session, services: services.rollout.activate(session, ADMIN, "cmdb", "prod", release))
        self.model.components ^= {"get_host"}

    @rule()
    def change_self_approval(self) -> None:
        self.model.self_approval = not self.model.self_approval
        change = RulesChange(self_approval=self.model.self_approval)
        self.house.do(lambda session, services: services.access.rules.change(session, ADMIN, "cmdb", change))

    @invariant()
    def the_data_plane_answers_what_the_model_says(self) -> None:
        for app in self.apps:
            for component in COMPONENTS:
                permitted = self._permitted(app, component)
                assert permitted == self.model.may_call(app, component, self.now), (app, component, self.model.grants)

    def teardown(self) -> None:
        """The page shows the same states."""

        async def states(session: Any, services: Any) -> dict[str, str]:
            return {
                name: services.grants.state_of(await services.grants.get(session, ADMIN, name)).value
                for name in self.model.grants
            }

        shown = self.house.do(states)
        assert shown == {name: grant.at(self.now) for name, grant in self.model.grants.items()}

    def _permitted(self, app: str, component: str) -> bool:
        snapshot = self.house.management.holder.current
        method, path = PATHS[component]
        found = snapshot.systems["cmdb"].stages["prod"].table.match(method, path)
        if found is None:
            return False
        call = Call(snapshot, *found, self.sorter.sort([(b"host", b"gw.test")]), self.now.timestamp())
        call.identity = make_identity(app)
        try:
            self.authorise(call)
        except Refusal:
            return False
        return True

    def _try(self, expected: str, act: Callable[[Any, Any], Awaitable[Any]]) -> Any:
        """The answer, when the model says that there is one."""
        outcomes = {Conflict: "conflict", PermissionDenied: "denied", Invalid: "invalid"}
        answer, outcome = None, "done"
        try:
            answer = self.house.do(act)
        except (Conflict, PermissionDenied, Invalid) as error:
            outcome = outcomes[type(error)]
        assert outcome == expected
        return answer

    def _verdict_on(self, waiting: dict[str, ModelGrant], who: str) -> str:
        return "conflict" if not waiting else "done" if who in self.model.deciders else "denied"

    def _bind(self, who: str, *, holds: bool, known: bool | None) -> None:
        """`known`: whether the person holds it now; None asks."""

        async def act(session: Any, services: Any) -> None:
            allowed = await services.access.applications._rights.decides(session, person(who), "cmdb")
            assert known is None or known == allowed
            if allowed != holds:
                change = services.authorizer.bind_role if holds else services.authorizer.unbind_role
                await change(session, ADMIN, who, "owner", SYSTEM)

        self.house.do(act)
        if holds:
            self.model.deciders.add(who)
        else:
            self.model.deciders.discard(who)

    def _application(self, which: int) -> str:
        """Mostly one that waits, if any does."""
        waiting = [grant.application for grant in self.model.grants.values() if grant.at(self.now) in WAITING]
        every = [grant.application for grant in self.model.grants.values()]
        found = list(dict.fromkeys(waiting if waiting and which % 4 else every))
        return found[which % len(found)]

    def _grant(self, which: int) -> str:
        """Mostly one that was approved, if any was."""
        approved = [name for name, grant in self.model.grants.items() if grant.at(self.now) in {"approved", "expired"}]
        found = approved if approved and which % 4 else list(self.model.grants)
        return found[which % len(found)]


@pytest.fixture
def house(database_url: str, settings: Settings, clock: ManualClock) -> Iterator[House]:
    opened = House.open(database_url, settings, clock)
    Life.house = opened
    yield opened
    opened.close()


def _live(sequences: int, steps: int, *, repeats: bool) -> None:
    wanted = hypothesis_settings(
        max_examples=sequences,
        stateful_step_count=steps,
        derandomize=repeats,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Life, settings=wanted)


def test_the_data_plane_permits_what_the_model_says(house: House) -> None:
    _live(20, 25, repeats=True)
    assert house.lives >= 20


@pytest.mark.deep
def test_the_data_plane_permits_what_the_model_says_in_a_thousand_lives(house: House) -> None:
    _live(1000, 30, repeats=False)
    assert house.lives >= 1000
