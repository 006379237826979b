from collections.abc import Sequence

from kernel.errors import FieldProblem, Invalid


class BundleRefused(Invalid):
    """A bundle nothing of which is taken, with every problem found and the package it is of."""

    code = "bundle_refused"
    title = "The bundle can't be taken"

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        shown = "; ".join(f"{problem.field}: {problem.problem}" for problem in problems[:5])
        super().__init__(shown, fields=problems)

    @classmethod
    def one(cls, field: str, problem: str, remedy: str = "") -> "BundleRefused":
        return cls([FieldProblem(field, problem, remedy)])
