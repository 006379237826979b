"""Everything a package is checked for when it is published, by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from kernel.errors import FieldProblem
from kernel.wording import Said


class CheckName(StrEnum):
    """In the order in which they are made.

    ARCHIVE: a plain zip of the files a package holds, whole, and of their sizes.
    MANIFEST: what the manifest says is complete and agrees with itself; texts and images are what they say.
    FORM: the form.js can be evaluated.
    NAMES: code and publisher are the caller's, and nobody's they could be taken for.
    COMPONENTS: what it calls and asks for is registered, and the one admits the other; flows can be read.
    VERSION: the number says what changed.
    SIGNATURES: those there are hold, and those there have to be are there.
    GROWTH: it asks for no more than the version before.
    """

    ARCHIVE = "archive"
    MANIFEST = "manifest"
    FORM = "form"
    NAMES = "names"
    COMPONENTS = "components"
    VERSION = "version"
    SIGNATURES = "signatures"
    GROWTH = "growth"


class CheckResult(StrEnum):
    """APPROVAL: a person has to agree. SKIPPED: an earlier check failed, or there is nothing to look at."""

    PASSED = "passed"
    FAILED = "failed"
    APPROVAL = "approval"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Check:
    """Attributes:
    problems: of a failed one.
    reasons: of one that asks for approval.
    """

    name: CheckName
    result: CheckResult
    problems: tuple[FieldProblem, ...] = ()
    reasons: tuple[Said, ...] = ()

    @classmethod
    def of(cls, name: CheckName, problems: Sequence[FieldProblem]) -> "Check":
        result = CheckResult.FAILED if problems else CheckResult.PASSED
        return cls(name, result, tuple(problems))

    @classmethod
    def for_approval(cls, reasons: Sequence[Said]) -> "Check":
        result = CheckResult.APPROVAL if reasons else CheckResult.PASSED
        return cls(CheckName.GROWTH, result, reasons=tuple(reasons))


def completed(checks: Sequence[Check]) -> list[Check]:
    """All of them, in order; those not made are skipped."""
    made = {check.name: check for check in checks}
    return [made.get(name, Check(name, CheckResult.SKIPPED)) for name in CheckName]


def summary(checks: Sequence[Check]) -> list[dict[str, str]]:
    """As it is kept with a version."""
    return [{"name": check.name.value, "result": check.result.value} for check in checks]
