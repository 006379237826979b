"""Which plugins are taken, decided by ordered rules: pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from marketplace.package.manifest import Manifest, PluginKind


class Effect(StrEnum):
    ALLOW = "allow"
    DENY = "deny"


class AutoUpdate(StrEnum):
    """How far installs follow new versions by themselves."""

    NONE = "none"
    PATCH = "patch"
    MINOR = "minor"


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules look at.

    Attributes:
        scopes: those the version asks for.
        signers: public keys of the signatures it bears.
        verified: whether something has proven who the publisher is.
    """

    code: str
    publisher: str
    kind: PluginKind
    scopes: frozenset[str]
    signers: frozenset[str] = frozenset()
    verified: bool = False

    @classmethod
    def of(cls, manifest: Manifest, signers: Collection[str], verified: Collection[str]) -> "Facts":
        """Args:
        verified: publishers of whom it is proven who they are.
        """
        code, publisher, scopes = manifest.code, manifest.publisher, manifest.scope_names()
        return cls(code, publisher, manifest.kind, scopes, frozenset(signers), publisher in verified)


@dataclass(frozen=True, slots=True)
class Rule:
    """Decides on plugins that meet each of its conditions; an empty condition is met by all. `*` stands for any text.

    Attributes:
        scopes: met when a version asks for one of them, for a rule that denies; for one that allows, when it asks
            for no other.
        signers: met when one of them has signed the version.
        verified: met when the publisher has the verified mark, or hasn't; none asks for neither.
        reason: told to those who are refused.
    """

    effect: Effect
    plugins: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    kinds: tuple[PluginKind, ...] = ()
    scopes: tuple[str, ...] = ()
    signers: tuple[str, ...] = ()
    verified: bool | None = None
    reason: str = ""

    def meets(self, facts: Facts) -> bool:
        return (
            (not self.plugins or _fits(facts.code, self.plugins))
            and (not self.publishers or _fits(facts.publisher, self.publishers))
            and (not self.kinds or facts.kind in self.kinds)
            and (not self.scopes or self._meets_scopes(facts.scopes))
            and (not self.signers or any(_fits(signer, self.signers) for signer in facts.signers))
            and self.verified in (None, facts.verified)
        )

    def _meets_scopes(self, asked: frozenset[str]) -> bool:
        quantified = any if self.effect is Effect.DENY else all
        return quantified(_fits(scope, self.scopes) for scope in asked)


@dataclass(frozen=True, slots=True)
class Policy:
    """Attributes:
    rules: the first that a plugin meets decides.
    otherwise: what holds for a plugin that meets none.
    auto_update: none for whatever holds around it.
    pinned: plugins of which no version is added, by hand or by itself.
    """

    rules: tuple[Rule, ...] = ()
    otherwise: Effect = Effect.ALLOW
    auto_update: AutoUpdate | None = None
    pinned: frozenset[str] = frozenset()

    def refusal(self, facts: Facts) -> str | None:
        """Why the plugin is not taken; none where it is."""
        for number, rule in enumerate(self.rules, start=1):
            if rule.meets(facts):
                return None if rule.effect is Effect.ALLOW else rule.reason or f"rule {number} denies it"
        return None if self.otherwise is Effect.ALLOW else "no rule allows it"


def read_policy(document: Mapping[str, Any]) -> Policy:
    """A policy as it is kept."""
    follows = document["auto_update"]
    return Policy(
        tuple(_read_rule(rule) for rule in document["rules"]),
        Effect(document["otherwise"]),
        AutoUpdate(follows) if follows is not None else None,
        frozenset(document["pinned"]),
    )


def _read_rule(rule: Mapping[str, Any]) -> Rule:
    return Rule(
        Effect(rule["effect"]),
        tuple(rule["plugins"]),
        tuple(rule["publishers"]),
        tuple(PluginKind(kind) for kind in rule["kinds"]),
        tuple(rule["scopes"]),
        tuple(rule["signers"]),
        rule.get("verified"),
        rule["reason"],
    )


def _fits(text: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns)
