from collections.abc import Sequence

from kernel.errors import FieldProblem, Invalid, listed


class PackageRefused(Invalid):
    """A package that can't be published, with every problem found and where it is."""

    code = "package_refused"
    title = "The package can't be published"

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__(listed(problems), fields=problems)

    @classmethod
    def one(cls, field: str, problem: str, remedy: str = "") -> "PackageRefused":
        return cls([FieldProblem(field, problem, remedy)])
