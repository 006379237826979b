import pytest

from marketplace.package.manifest import PluginKind
from marketplace.policies.rules import AutoUpdate, Effect, Facts, Policy, Rule, read_policy
from marketplace.policies.standing import Standing

SCRIPT = Facts("run_script", "acme", PluginKind.COMPONENT, frozenset({"job:execute", "job:read"}))
REMOTE = Facts("far", "stranger", PluginKind.REMOTE, frozenset())
SIGNED = Facts("run_script", "acme", PluginKind.COMPONENT, frozenset(), frozenset({"key="}))
VERIFIED = Facts("run_script", "acme", PluginKind.COMPONENT, frozenset(), verified=True)
ALLOW, DENY = Effect.ALLOW, Effect.DENY


@pytest.mark.parametrize(
    ("rule", "facts", "met"),
    [
        (Rule(DENY), SCRIPT, True),
        (Rule(DENY, plugins=("run_script",)), SCRIPT, True),
        (Rule(DENY, plugins=("run",)), SCRIPT, False),
        (Rule(DENY, plugins=("run_*",)), SCRIPT, True),
        (Rule(DENY, publishers=("stranger",)), SCRIPT, False),
        (Rule(DENY, publishers=("stranger", "ac*")), SCRIPT, True),
        (Rule(DENY, kinds=(PluginKind.REMOTE,)), SCRIPT, False),
        (Rule(DENY, kinds=(PluginKind.REMOTE,)), REMOTE, True),
        (Rule(DENY, plugins=("run_script",), kinds=(PluginKind.REMOTE,)), SCRIPT, False),
        (Rule(DENY, scopes=("job:execute",)), SCRIPT, True),
        (Rule(DENY, scopes=("cmdb:*",)), SCRIPT, False),
        (Rule(DENY, scopes=("job:*",)), REMOTE, False),
        (Rule(ALLOW, scopes=("job:execute",)), SCRIPT, False),
        (Rule(ALLOW, scopes=("job:*",)), SCRIPT, True),
        (Rule(ALLOW, scopes=("job:read", "job:exe*")), SCRIPT, True),
        (Rule(ALLOW, scopes=("job:*",)), REMOTE, True),
        (Rule(ALLOW, signers=("*",)), SCRIPT, False),
        (Rule(ALLOW, signers=("*",)), SIGNED, True),
        (Rule(ALLOW, signers=("other=", "key=")), SIGNED, True),
        (Rule(ALLOW, signers=("other=",)), SIGNED, False),
        (Rule(ALLOW, verified=True), SCRIPT, False),
        (Rule(ALLOW, verified=True), VERIFIED, True),
        (Rule(DENY, verified=False), SCRIPT, True),
        (Rule(DENY, verified=False), VERIFIED, False),
        (Rule(DENY, publishers=("stranger",), verified=True), VERIFIED, False),
    ],
)
def test_a_rule_is_met_when_each_of_its_conditions_is(rule: Rule, facts: Facts, *, met: bool) -> None:
    assert rule.meets(facts) is met


def test_the_first_rule_that_is_met_decides() -> None:
    policy = Policy((Rule(ALLOW, plugins=("run_script",)), Rule(DENY, publishers=("*",), reason="not yet")))
    assert policy.refusal(SCRIPT) is None
    assert policy.refusal(REMOTE) == "not yet"
    assert Policy(policy.rules[::-1]).refusal(SCRIPT) == "not yet"


def test_what_meets_no_rule_is_taken_unless_the_policy_says_otherwise() -> None:
    rules = (Rule(ALLOW, publishers=("acme",)),)
    assert Policy(rules).refusal(REMOTE) is None
    assert Policy(rules, otherwise=DENY).refusal(REMOTE) == "no rule allows it"
    assert Policy(rules, otherwise=DENY).refusal(SCRIPT) is None


def test_a_rule_without_a_reason_is_told_by_its_number() -> None:
    assert Policy((Rule(ALLOW, plugins=("x",)), Rule(DENY))).refusal(SCRIPT) == "rule 2 denies it"


def test_a_project_can_take_less_than_the_platform_and_never_more() -> None:
    denies, allows = Policy((Rule(DENY, reason="no scripts"),)), Policy((Rule(ALLOW),))
    assert Standing(denies, allows).refusal(SCRIPT) == "the policy of the platform denies run_script: no scripts"
    assert Standing(allows, denies).refusal(SCRIPT) == "the policy of the project denies run_script: no scripts"
    assert Standing(allows, allows).refusal(SCRIPT) is None


def test_what_is_switched_off_is_refused_whatever_rules_say() -> None:
    standing = Standing(Policy((Rule(ALLOW),)), disabled={"run_script": "it hangs", "other": ""})
    assert standing.refusal(SCRIPT) == "run_script is switched off: it hangs"
    assert standing.refusal(REMOTE) is None


@pytest.mark.parametrize(
    ("platform", "project", "follows"),
    [
        (None, None, AutoUpdate.NONE),
        (AutoUpdate.PATCH, None, AutoUpdate.PATCH),
        (AutoUpdate.PATCH, AutoUpdate.NONE, AutoUpdate.NONE),
        (None, AutoUpdate.MINOR, AutoUpdate.MINOR),
    ],
)
def test_a_project_follows_as_it_says_or_as_the_platform_does(
    platform: AutoUpdate | None, project: AutoUpdate | None, follows: AutoUpdate
) -> None:
    assert Standing(Policy(auto_update=platform), Policy(auto_update=project)).auto_update is follows


def test_a_pin_of_the_platform_holds_in_every_project() -> None:
    standing = Standing(Policy(pinned=frozenset({"a"})), Policy(pinned=frozenset({"b"})))
    assert [standing.is_pinned(code) for code in "abc"] == [True, True, False]


def test_a_rule_that_was_kept_before_it_could_ask_for_the_mark_asks_for_neither() -> None:
    kept = {"effect": "deny", "plugins": [], "publishers": [], "kinds": [], "scopes": [], "signers": [], "reason": ""}
    policy = read_policy({"rules": [kept], "otherwise": "allow", "auto_update": None, "pinned": []})
    assert policy.rules == (Rule(DENY),)
