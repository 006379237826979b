"""What holds for the plugins of one project: the platform's policy, the project's own, and what is switched off."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from marketplace.policies.rules import AutoUpdate, Facts, Policy


@dataclass(frozen=True, slots=True)
class Standing:
    """Attributes:
    disabled: plugin → why, of those switched off here or everywhere.
    """

    platform: Policy = field(default_factory=Policy)
    project: Policy = field(default_factory=Policy)
    disabled: Mapping[str, str] = field(default_factory=dict)

    def refusal(self, facts: Facts) -> str | None:
        """Why the plugin may be neither installed nor run, as people read it; none where it may."""
        if facts.code in self.disabled:
            return _because(f"{facts.code} is switched off", self.disabled[facts.code])
        for whose, policy in (("the platform", self.platform), ("the project", self.project)):
            why = policy.refusal(facts)
            if why is not None:
                return f"the policy of {whose} denies {facts.code}: {why}"
        return None

    def is_pinned(self, code: str) -> bool:
        return code in self.platform.pinned | self.project.pinned

    @property
    def auto_update(self) -> AutoUpdate:
        """The project's own choice, else the platform's."""
        return self.project.auto_update or self.platform.auto_update or AutoUpdate.NONE


def _because(what: str, why: str) -> str:
    return f"{what}: {why}" if why else what
