from collections.abc import Sequence

from kernel.errors import FieldProblem, Invalid


class PackageRefused(Invalid):
    """A package that can't be published, with every problem found and where it is."""

    code = "package_refused"
    title = "The package can't be published"

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        shown = "; ".join(f"{problem.field}: {problem.problem}" for problem in problems[:5])
        super().__init__(shown, fields=problems)

    @classmethod
    def one(cls, field: str, problem: str, remedy: str = "") -> "PackageRefused":
        return cls([FieldProblem(field, problem, remedy)])
